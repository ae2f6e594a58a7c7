import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { alertsConfig } from '#alerts/config.ts'
import { apiConfig } from '#api/config.ts'
import { bridgeConfig } from '#broker/bridge/config.ts'
import { brokerConfig } from '#broker/config.ts'
import { ingestConfig } from '#ingest/config.ts'
import { simulatorsConfig } from '#simulators/config.ts'
import { commandConfig, platformConfig } from '#start/config.ts'
import { root } from '#start/prepare.mjs'
import { storageConfig } from '#storage/config.ts'
import { kindOf, kinds } from '#telemetry/kinds.ts'
import { channels } from '#telemetry/topics.ts'
import { givenUnit, metaOfKind, valuesOfKind } from '#telemetry/values.ts'

const readme = await readFile(join(root, 'README.md'), 'utf8')

/** What stands between two marks of the README. */
function part(name: string): string {
  const found = new RegExp(`<!-- ${name} -->\n([^]*?)\n?<!-- /${name} -->`).exec(readme)
  return found?.[1] ?? ''
}

interface Property {
  default?: unknown
  description?: string
  enum?: string[]
  minimum?: number
  maximum?: number
  type?: string
}

const propertiesOf = (schema: z.ZodType) =>
  (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }).properties ?? {}) as Record<string, Property> // JSON Schema of an object

function settingsTable(): string {
  const all: Record<string, Property> = {}
  for (const schema of [
    platformConfig,
    brokerConfig,
    storageConfig,
    apiConfig,
    simulatorsConfig,
    ingestConfig,
    alertsConfig,
    bridgeConfig,
    commandConfig,
  ])
    for (const [name, property] of Object.entries(propertiesOf(schema))) all[name] ??= property
  const rows = Object.entries(all).map(
    ([name, { default: value, description }]) =>
      `| \`${name}\` | ${value === undefined ? '' : `\`${value}\``} | ${description} |`,
  )
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n')
}

const rangeOf = ({ enum: words, minimum, maximum }: Property = {}) =>
  words ? words.map((word) => `\`${word}\``).join(', ') : `${minimum}–${maximum}`

function valuesTable(): string {
  const rows = kinds.flatMap((kind) => {
    const properties = propertiesOf(kindOf(kind).schema)
    return valuesOfKind[kind].map((info) => {
      const { name, en } = info
      const { unit, unitCode } = givenUnit(info)
      const range = rangeOf(properties[name])
      return `| ${kind} | \`${name}\` | ${unit} | ${unitCode === undefined ? '' : `\`${unitCode}\``} | ${range} | ${en} |`
    })
  })
  return ['| kind | value | unit | UCUM | range | meaning |', '|---|---|---|---|---|---|', ...rows].join('\n')
}

function metaTable(): string {
  const rows = kinds.flatMap((kind) => {
    const properties = propertiesOf(z.object(kindOf(kind).metaShape))
    return metaOfKind[kind].map(({ name, unit, en }) => {
      return `| ${kind} | \`${name}\` | ${unit} | ${rangeOf(properties[name])} | ${en} |`
    })
  })
  return ['| kind | meta | unit | range | meaning |', '|---|---|---|---|---|', ...rows].join('\n')
}

describe('the README', () => {
  it('lists every setting with its default and meaning, as the schemas have them', () => {
    expect(part('settings')).toBe(settingsTable())
  })

  it('lists every value with its unit and range, as the schemas have them', () => {
    expect(part('values')).toBe(valuesTable())
  })

  it('lists what sensors of one kind may say of themselves, as the schemas have it', () => {
    expect(part('meta')).toBe(metaTable())
  })

  it('names every channel of a sensor', () => {
    for (const channel of channels) expect(readme).toContain(`city/v1/{district}/{kind}/{sensor}/${channel}\``)
  })

  it('shows a screenshot that is small and there', async () => {
    const [, path = ''] = /!\[[^\]]*\]\(([^)]+\.png)\)/.exec(readme) ?? []
    const picture = await readFile(join(root, path))
    expect(picture.subarray(1, 4).toString()).toBe('PNG')
    expect(picture.length).toBeLessThan(300_000)
  })
})

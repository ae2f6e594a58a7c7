import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '#start/prepare.mjs'
import { messageFaults } from '#telemetry/faults/message-faults.ts'
import { messageWordsEn } from '#telemetry/faults/message-words-en.ts'
import { messageWordsVi } from '#telemetry/faults/message-words-vi.ts'
import { valueFaults } from '#telemetry/faults/value-faults.ts'
import { kindOf, kinds, refusalsOfKinds } from '#telemetry/kinds.ts'

/** A kind that is whole, and the same with one part less. */
const whole = {
  id: `id: 'tide'`,
  names: `names: { vi: 'Triều', en: 'Tide' }`,
  called: `called: { vi: 'trạm triều', en: 'a tide gauge' }`,
  refusals: `refusals: { DIFFERS: refusal(z.object({ by: z.number() }), ({ by }) => 'lệch ' + by, ({ by }) => 'is off by ' + by) }`,
  values: `values: { level: number('W', 2, z.number(), 'Mực nước', 'Level') }`,
  meta: 'meta: {}',
  causes: 'causes: []',
  finding: 'finding: () => undefined',
  limits: 'limits: () => []',
  isPlausible: 'isPlausible: () => true',
  conditions: 'conditions: []',
  rules: 'rules: {}',
}
/** how it may refuse a reading, and how it may not: each with what the compiler must say of it */
const checks: Readonly<Record<string, string>> = {
  'by a code of its own': `refuse('DIFFERS', { by: 2 }, 'level')`,
  'by a code that has no words': `refuse('ODD', { by: 2 }, 'level')`,
  'by its code without the params': `refuse('DIFFERS', {}, 'level')`,
  'without a value that is wrong': `refuse('DIFFERS', { by: 2 })`,
  'in words alone': `refuse.addIssue({ code: 'custom', message: 'is odd' })`,
}
const definition = (parts: Record<string, string>) => `defineKind({ ${Object.values(parts).join(', ')} })`
const without = (part: string) => Object.fromEntries(Object.entries(whole).filter(([name]) => name !== part))

describe('a kind that lacks a part', () => {
  let folder: string
  let found: string
  const parts = Object.keys(whole)

  beforeAll(async () => {
    folder = await mkdtemp(join(root, 'test', 'planted-kinds-'))
    const lines = [
      `import { z } from 'zod'`,
      `import type { SimulatedKind } from '#simulators/kinds/simulated-kind.ts'`,
      `import type { Kind } from '#telemetry/kinds.ts'`,
      `import { defineKind, number, refusal } from '#telemetry/kinds/define-kind.ts'`,
      `import type { ShownKind } from '../../dashboard/src/kinds/shown-kind.ts'`,
      `type More = Kind | 'tide'`,
      `export const whole = ${definition(whole)}`,
      ...parts.map((part, at) => `export const planted${at} = ${definition(without(part))} // ${part}`),
      ...Object.entries(checks).map(
        ([how, call], at) =>
          `export const check${at} = ${definition({ ...whole, check: `check(_values, refuse) { ${call} }` })} // ${how}`,
      ),
      `export const simulated: Record<More, SimulatedKind> = {} as Record<Kind, SimulatedKind> // simulated`,
      `export const shown: Record<More, ShownKind> = {} as Record<Kind, ShownKind> // shown`,
    ]
    await writeFile(join(folder, 'planted.ts'), `${lines.join('\n')}\n`)
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.json', include: ['planted.ts'], files: ['planted.ts'] }),
    )
    const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '-p', folder], {
      cwd: root,
      encoding: 'utf8',
    })
    const faulty = [...stdout.matchAll(/planted\.ts\((\d+),/g)].map(([, line]) => lines[Number(line) - 1] ?? '')
    found = faulty.join('\n')
  }, 60_000)
  afterAll(() => rm(folder, { recursive: true }))

  it.each(parts)('is refused by the compiler: %s', (part) => expect(found).toContain(`// ${part}`))

  it.each(Object.keys(checks))('refuses readings as the compiler lets it: %s', (how) =>
    expect(found.includes(`// ${how}`)).toBe(how !== 'by a code of its own'),
  )

  it('is refused where it is simulated and shown, and nothing else is', () => {
    expect(found).toContain('// simulated')
    expect(found).toContain('// shown')
    expect(found).not.toContain('const whole')
  })
})

describe('every kind', () => {
  it.each(kinds)('%s refuses a reading without a value of its own, in its own words', (kind) => {
    const { schema, called, values } = kindOf(kind)
    const refused = schema.safeParse({ nothing: 1 })
    expect(refused.error?.issues.map(({ message }) => message)).toEqual([`holds no known value of ${called.en}`])
    expect(Object.keys(schema.shape)).toEqual(Object.keys(values))
  })

  it.each(['causes', 'conditions', 'failures', 'rules', 'meta', 'refusals'] as const)(
    'has %s of its own alone',
    (part) => {
      const names = kinds.flatMap((kind) => {
        const held = kindOf(kind)[part] ?? []
        return Array.isArray(held) ? held : Object.keys(held)
      })
      expect(new Set(names).size).toBe(names.length)
    },
  )

  it('has codes of refusals that nothing else has, with words in both languages', () => {
    for (const [code, { params }] of Object.entries(refusalsOfKinds)) {
      expect(Object.keys(valueFaults)).not.toContain(code)
      expect(messageFaults).toHaveProperty(code, params)
      for (const words of [messageWordsVi, messageWordsEn]) expect(words).toHaveProperty(code)
    }
  })
})

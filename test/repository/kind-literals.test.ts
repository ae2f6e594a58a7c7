import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '#start/prepare.mjs'
import { kinds } from '#telemetry/kinds.ts'

const rooms = [
  ...['telemetry', 'city', 'journal', 'storage', 'history', 'broker', 'ingest', 'alerts', 'api', 'simulators', 'start'],
  'dashboard/src',
]

/** The modules of the kinds, and their lists; and official figures, which are of one kind each. */
const modules = /^((telemetry|alerts|simulators|dashboard\/src)\/kinds|history\/figures\/(traffic|lighting))\//
const list = 'telemetry/kinds.ts'

/** Files that may name a kind, each for a reason. */
const mayName: Readonly<Record<string, string>> = {
  'api/openapi/errors.ts': 'an example is of one sensor',
  'api/openapi/examples/alerts.ts': 'an example is of one sensor',
  'api/openapi/examples/city.ts': 'an example is of one kind',
  'api/openapi/examples/figures.ts': 'an example is of one sensor',
  'api/openapi/examples/history.ts': 'an example is of one kind',
  'api/openapi/examples/lamps.ts': 'an example is of one sensor',
  'api/openapi/examples/past.ts': 'an example is of one sensor',
  'api/openapi/examples/quality.ts': 'an example is of one sensor',
  'api/openapi/examples/rules.ts': 'an example is of one sensor',
  'api/openapi/examples/sensors.ts': 'an example is of one sensor',
  'api/openapi/examples/shared.ts': 'an example is of one sensor',
  'api/openapi/examples/shift.ts': 'an example is of one sensor',
}

/** Files that may import what is of one kind, each for a reason. */
const mayImport: Readonly<Record<string, string>> = {
  'api/history/hourly-vn-aqi.ts': 'VN_AQI is reckoned from air quality alone',
  'api/routes/air-figures.ts': 'official figures of air are of air quality alone',
  'api/routes/water-figures.ts': 'official figures of water are of water level alone',
  'history/figures/air/station-hours.ts': 'official figures of air are of air quality alone',
  'history/figures/water/gauge-hours.ts': 'official figures of water are of water level alone',
}

const isSource = (path: string) => /\.(ts|svelte|mjs)$/.test(path)

async function sourcesOf(room: string): Promise<[path: string, text: string][]> {
  const paths = await readdir(join(root, room), { recursive: true })
  const own = paths.map((path) => `${room}/${path}`).filter((path) => isSource(path) && !modules.test(path))
  return Promise.all(
    own.map(async (path): Promise<[string, string]> => [path, await readFile(join(root, path), 'utf8')]),
  )
}

const sources = (await Promise.all(rooms.map(sourcesOf))).flat()
const literal = new RegExp(`['"\`](${kinds.join('|')})['"\`]`)
const ofOneKind = new RegExp(`from '[^']*kinds/(${kinds.join('|')})[/.]`)

const found = (pattern: RegExp) => sources.filter(([, text]) => pattern.test(text)).map(([path]) => path)

describe('a kind is named', () => {
  it('by its own modules alone, and where an example has to be of one', () => {
    expect(sources.length).toBeGreaterThan(300)
    expect(found(literal).toSorted()).toEqual(Object.keys(mayName).toSorted())
  })

  it('by the list of kinds, and by what is of one kind by its nature', () => {
    expect(found(ofOneKind).toSorted()).toEqual([list, ...Object.keys(mayImport)].toSorted())
  })
})

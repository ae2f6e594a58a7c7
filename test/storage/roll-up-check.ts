import { expect } from 'vitest'
import type { RollUpQuery } from '#storage/roll-ups.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { Reading } from '#telemetry/reading.ts'
import { naiveRollUps } from './naive-roll-ups.ts'

const hour = 3_600_000
const sensors = ['aq-1', 'aq-2', 'aq-3', 'aq-4']

/** Whole hours that readings are written into. */
export interface HoursSpan {
  /** epoch ms */
  from: number
  hours: number
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Readings of some stations at any time of the span, often of a time that is there already. */
export function randomReadings(random: () => number, { from, hours }: HoursSpan, count: number): Reading[] {
  const below = (most: number) => Math.floor(random() * most)
  return Array.from({ length: count }, () => {
    const values = { pm25: below(9_000) / 10, ...(random() < 0.3 && { no2: below(400) }) }
    const reading = { district: 'tay-ninh', sensor: sensors[below(sensors.length)] ?? '', kind: 'air-quality' } as const
    return { ...reading, ts: from + below(hours * 12) * 300_000 + below(3) * 20, values }
  })
}

async function allReadings(store: TelemetryStore, { from, hours }: HoursSpan): Promise<Reading[]> {
  const all: Reading[] = []
  const query = { kind: 'air-quality', from: from - hour, to: from + (hours + 1) * hour, limit: 1_000_000 } as const
  for await (const page of store.readings(query)) all.push(...page)
  return all
}

/** The same hours, and the same days of Việt Nam, of each station by itself and of all together. */
function questions({ from, hours }: HoursSpan): RollUpQuery[] {
  const edges = Array.from({ length: hours + 1 }, (_, index) => from + index * hour)
  const midnights = edges.filter((edge) => (edge / hour) % 24 === 17)
  const alone = sensors.map((sensor, group) => ({ sensor, group }))
  const together = sensors.map((sensor) => ({ sensor, group: 0 }))
  const common = { kind: 'air-quality', value: 'pm25' } as const
  return [
    { ...common, members: alone, edges },
    { ...common, value: 'no2', members: together, edges },
    ...(midnights.length > 1 ? [{ ...common, members: together, edges: midnights }] : []),
    { ...common, members: alone, edges: [from, from + hours * hour] },
  ]
}

/** Rolls up all that is there. */
export async function rollUpAll(
  store: TelemetryStore,
  { from, hours }: HoursSpan,
  maxReadings = 20_000,
): Promise<void> {
  while ((await store.upkeep({ until: from + hours * hour, maxReadings })).more);
}

/** Every answer is what the readings that are stored add up to: as it is now, once all is rolled up, and with roll-ups made anew. */
export async function expectRollUpsRight(store: TelemetryStore, span: HoursSpan): Promise<void> {
  const readings = await allReadings(store, span)
  expect(readings.length).toBeGreaterThan(50)
  const expected = questions(span).map((query) => naiveRollUps({ readings }, query))
  const expectRight = async (when: string) => {
    for (const [index, query] of questions(span).entries())
      expect(await store.rollUps(query), `${when}, question ${index}`).toEqual(expected[index])
  }
  await expectRight('as found')
  await rollUpAll(store, span)
  expect((await store.upkeepState()).dirty).toBe(0)
  await expectRight('all rolled up')
  await store.resetRollUps()
  await expectRight('none rolled up')
  await rollUpAll(store, span)
  await expectRight('made anew')
}

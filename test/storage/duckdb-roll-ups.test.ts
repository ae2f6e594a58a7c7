import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { rollUpsOfReadings } from '#storage/roll-up/from-readings.ts'
import type { CorrectionSegment, Member, RollUpQuery } from '#storage/roll-ups.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { airOf, day, minute, start } from './store-samples.ts'

const hour = 60 * minute
const length = 5 * day
const kind = 'air-quality'
const log = pino({ level: 'silent' })

/** Whole local days as edges, about midnight of that zone's clocks. */
const zones = ['Asia/Ho_Chi_Minh', 'Asia/Kolkata', 'Europe/Berlin', 'Australia/Lord_Howe'] as const
// clocks change within these: Berlin on 27 October 2024, Lord Howe on 6 October 2024
const begins = {
  'Asia/Ho_Chi_Minh': start,
  'Asia/Kolkata': start,
  'Europe/Berlin': Date.UTC(2024, 9, 24, 22),
  'Australia/Lord_Howe': Date.UTC(2024, 9, 3, 13, 30),
} // prettier-ignore

interface Written {
  sensor: string
  /** ms from the begin */
  offset: number
  pm25: number | undefined
  temperature: number | undefined
  isAhead: boolean
}

const sensor = fc.constantFrom('aq-a', 'aq-b', 'aq-c')
const offset = fc.integer({ min: 0, max: length - 1 })
const value = fc.oneof(
  fc.constantFrom(0, 0.285, 1.0000005, 33, 34, 35),
  fc.integer({ min: 0, max: 900 }),
  fc.double({ min: 0, max: 900, noNaN: true }),
)
const reading = fc.record({
  ...{ sensor, offset, temperature: fc.option(fc.double({ min: -40, max: 85, noNaN: true }), { nil: undefined }) },
  pm25: fc.option(value, { nil: undefined, freq: 9 }),
  isAhead: fc.integer({ min: 0, max: 14 }).map((n) => n === 0),
})
/** One that reports each so many minutes for some hours. */
const series = fc
  .record({
    sensor,
    offset,
    everyMs: fc.constantFrom(5, 20, 45).map((n) => n * minute),
    n: fc.integer({ min: 1, max: 40 }),
    pm25: value,
  })
  .map(({ n, offset: first, everyMs, pm25, ...rest }) =>
    Array.from({ length: n }, (_, index) => ({
      ...{ ...rest, offset: Math.min(first + index * everyMs, length - 1), temperature: undefined, isAhead: false },
      pm25: (pm25 + index * 7.3) % 900,
    })),
  )
const batch: fc.Arbitrary<Written[]> = fc.oneof(fc.array(reading, { minLength: 1, maxLength: 30 }), series)
const segment = fc.record(
  {
    ...{ value: fc.constantFrom('pm25', 'temperature'), from: offset, length: fc.integer({ min: 1, max: 2 * day }) },
    exclusion: fc.constantFrom('invalid' as const, 'maintenance' as const, 'calibrating' as const),
    ...{ factor: fc.constantFrom(1, 1.1, -0.5), offset: fc.constantFrom(0, -3.3, 0.0000005) },
  },
  { requiredKeys: ['value', 'from', 'length', 'factor', 'offset'] },
)
const doing = fc.oneof(
  { weight: 4, arbitrary: fc.record({ write: batch }) },
  {
    weight: 3,
    arbitrary: fc.record({ upkeep: fc.integer({ min: 1, max: 6 }), maxReadings: fc.constantFrom(1, 30, 500) }),
  },
  { weight: 1, arbitrary: fc.record({ correct: sensor, segments: fc.array(segment, { maxLength: 2 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ period: sensor, at: offset, seconds: fc.constantFrom(60, 1_200, 7_200, 86_400) }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ reset: true }, { reopen: true }) },
)
const member = fc.record(
  { sensor, group: fc.nat({ max: 2 }), from: offset, to: offset },
  { requiredKeys: ['sensor', 'group'] },
)
const edges = fc.oneof(
  fc
    .integer({ min: 1, max: 4 })
    .map((n) => Array.from({ length: Math.ceil(5 / n) + 2 }, (_, index) => (index - 1) * n * day)),
  fc
    .constantFrom(hour, 15 * minute, 8 * hour, 36 * hour)
    .map((ms) => Array.from({ length: length / ms + 1 }, (_, n) => n * ms)),
  fc.constant(Array.from({ length: 121 }, (_, n) => n * hour)),
  fc.uniqueArray(fc.integer({ min: -day, max: length + day }), { minLength: 2, maxLength: 9 }),
  fc.uniqueArray(
    fc.integer({ min: -24, max: 140 }).map((n) => n * hour),
    { minLength: 2, maxLength: 9 },
  ),
)

describe('roll-ups in DuckDB', () => {
  let folder: string
  let store: TelemetryStore
  let zone: string
  const open = () => openDuckdbStore({ path: join(folder, 'nhip.duckdb'), log, timeZone: zone })
  const reopen = async () => {
    await store.close()
    store = await open()
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-roll-ups-'))
  })
  afterEach(async () => {
    await store.close()
    await rm(folder, { recursive: true })
  })

  /** Compares all that can be asked with what readings alone say. */
  async function compare(query: Omit<RollUpQuery, 'kind'>): Promise<void> {
    const reference = rollUpsOfReadings(store)
    const asked = { kind, ...query } as const
    expect(await store.rollUps(asked)).toEqual(await reference.rollUps(asked))
    const withoutEnds = (await store.rollUps({ ...asked, ends: false })).map(({ increase: _, ...rest }) => rest)
    const expected = (await reference.rollUps(asked)).map(({ increase: _, first: __, last: ___, ...rest }) => rest)
    expect(withoutEnds).toEqual(expected)
    const shares = [0, 0.5, 0.85, 0.95, 1]
    expect(await store.percentiles({ ...asked, shares })).toEqual(await reference.percentiles({ ...asked, shares }))
    for (const limit of [-5, 0, 34, 300])
      expect(await store.above({ ...asked, limit })).toEqual(await reference.above({ ...asked, limit }))
  }

  it.each(zones)(
    'equal what readings say, whatever is written, corrected and rolled up in which order: %s',
    async (of) => {
      zone = of
      const from = begins[of]
      store = await open()
      let run = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(doing, { minLength: 3, maxLength: 10 }),
          fc.array(member, { minLength: 1, maxLength: 4 }),
          fc.array(edges, { minLength: 1, maxLength: 3 }),
          fc.constantFrom('pm25', 'temperature'),
          async (doings, members, buckets, value) => {
            run += 1
            await store.close()
            await rm(folder, { recursive: true })
            folder = await mkdtemp(join(tmpdir(), 'nhip-roll-ups-'))
            store = await open()
            const at = (ms: number | undefined) => (ms === undefined ? undefined : from + ms)
            for (const one of doings) {
              if ('write' in one)
                await store.write(
                  one.write.map(({ sensor: name, offset: ms, pm25, temperature, isAhead }) => ({
                    ...airOf(
                      name,
                      from + ms,
                      pm25 === undefined && temperature === undefined ? { no2: 1 } : { pm25, temperature },
                    ),
                    ...(isAhead ? { aheadMs: 400_000 } : {}),
                  })),
                )
              if ('upkeep' in one) {
                const until = from + one.upkeep * day - 3 * hour
                while ((await store.upkeep({ until, maxReadings: one.maxReadings })).more && one.maxReadings !== 1);
              }
              if ('correct' in one) {
                const segments = one.segments
                  .filter((each, index) => one.segments.findIndex((other) => other.value === each.value) === index)
                  .map(
                    ({ from: begin, length: ms, ...rest }): CorrectionSegment => ({
                      ...rest,
                      from: from + begin,
                      to: from + begin + ms,
                    }),
                  )
                await store.putCorrections({ kind, sensor: one.correct, segments, from, to: from + 8 * day })
              }
              if ('period' in one)
                await store.appendEvents([
                  {
                    stream: 'period',
                    id: `${one.period}@${one.at}`,
                    ts: from + one.at,
                    body: { sensor: one.period, seconds: one.seconds },
                  },
                ])
              if ('reset' in one) await store.resetRollUps()
              if ('reopen' in one) await reopen()
              for (const each of buckets) {
                const sorted = each.toSorted((a, b) => a - b).map((ms) => from + ms)
                const asked = members.map(
                  ({ from: begin, to: end, ...rest }): Member => ({
                    ...rest,
                    ...(begin === undefined ? {} : { from: from + begin }),
                    ...(end === undefined ? {} : { to: at(end) ?? 0 }),
                  }),
                )
                await compare({ value, members: asked, edges: sorted })
              }
            }
          },
        ),
        { numRuns: Number(process.env.RUNS ?? 5) },
      )
      expect(run).toBeGreaterThan(0)
    },
  )
})

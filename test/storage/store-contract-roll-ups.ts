import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CorrectionSegment, Member, RollUpQuery } from '#storage/roll-ups.ts'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import type { Reading } from '#telemetry/reading.ts'
import { type Facts, naiveAbove, naivePercentiles, naiveRollUps } from './naive-roll-ups.ts'
import { air, airOf, day, minute, start } from './store-samples.ts'

const hour = 60 * minute
const air1 = { kind: 'air-quality', value: 'pm25', members: [{ sensor: 'aq-1', group: 0 }] } as const
const none = { sumOfSquares: expect.any(BigInt), excluded: {}, corrected: 0 }

/** Upkeep of all hours that ended before `until`, in small steps. */
async function rollUpAll(store: TelemetryStore, until: number, maxReadings = 1_000): Promise<void> {
  while ((await store.upkeep({ until, maxReadings })).more);
}

/** A span of time that holds all that the properties write, aligned to nothing. */
const span = { from: start + 13 * day, length: 5 * hour }

const offset = fc.integer({ min: 0, max: span.length - 1 })
const value = fc.oneof(
  fc.integer({ min: 0, max: 900 }),
  fc.double({ min: 0, max: 999, noNaN: true }).map((number) => Math.round(number * 1e7) / 1e7),
)
const written = fc.record({
  sensor: fc.constantFrom('a', 'b', 'c'),
  offset: fc.oneof(
    offset,
    offset.map((at) => Math.floor(at / (15 * minute)) * 15 * minute),
  ),
  pm25: fc.option(value, { nil: undefined, freq: 8 }),
  isAhead: fc.boolean().map((ahead) => ahead),
  kept: fc.integer({ min: 0, max: 9 }),
})
const member = fc.record(
  { sensor: fc.constantFrom('a', 'b', 'c'), group: fc.nat({ max: 2 }), from: offset, to: offset },
  { requiredKeys: ['sensor', 'group'] },
)
/** Offsets from the beginning of the run, of its hour, or of its local day. */
const edges = fc.oneof(
  fc.record({
    base: fc.constantFrom('run', 'hour'),
    offsets: fc.uniqueArray(fc.integer({ min: -2 * hour, max: span.length + hour }), { minLength: 2, maxLength: 8 }),
  }),
  fc.constantFrom(
    { base: 'hour', offsets: [0, 1, 2, 3, 4, 5].map((n) => n * hour) },
    { base: 'hour', offsets: [-24 * hour, 0, 24 * hour] },
    { base: 'day', offsets: [-24 * hour, 0, 24 * hour, 48 * hour] },
    { base: 'day', offsets: [0, 30 * hour] },
  ),
)
/** ms by which the zone whose days are rolled up is ahead of UTC */
const aheadMs = 7 * hour

const segment = fc.record(
  {
    ...{ sensor: fc.constantFrom('a', 'b'), from: offset, length: fc.integer({ min: 1, max: 2 * hour }) },
    exclusion: fc.constantFrom('invalid' as const, 'maintenance' as const),
    ...{ factor: fc.constantFrom(1, 0.5, 1.1), offset: fc.constantFrom(0, -3, 0.25) },
  },
  { requiredKeys: ['sensor', 'from', 'length', 'factor', 'offset'] },
)
const change = fc.record({
  ...{ sensor: fc.constantFrom('a', 'b'), at: offset, seconds: fc.constantFrom(5, 60, 300, 1_800) },
})

/** What roll-ups promise; `opened` gives the store of the running test, `reopen` opens it again. */
export function rollUpsContract(opened: () => TelemetryStore, reopen: () => Promise<TelemetryStore>): void {
  describe('roll-ups', () => {
    const ask = (query: Partial<RollUpQuery> & Pick<RollUpQuery, 'edges'>) => opened().rollUps({ ...air1, ...query })

    it('are none where there are no readings', async () => {
      expect(await ask({ edges: [start, start + hour] })).toEqual([])
      await opened().write([air('aq-2', start, 5), airOf('aq-1', start, { no2: 3 })])
      expect(await ask({ edges: [start, start + hour] })).toEqual([])
      expect(await ask({ edges: [start, start + hour], members: [] })).toEqual([])
    })

    it('say what there is of a bucket, exactly', async () => {
      await opened().write([
        air('aq-1', start, 0.1),
        air('aq-1', start + minute, 0.2),
        air('aq-1', start + 2 * minute, 0.1),
        air('aq-1', start + hour, 7.0000005),
      ])
      const first = { ts: start, value: 0.1 }
      expect(await ask({ edges: [start, start + hour, start + 2 * hour] })).toEqual([
        {
          ...{ group: 0, start, count: 3, sum: 400_000n, min: 0.1, max: 0.2, sumOfSquares: 60_000_000_000n },
          // one minute, one minute, and the last one three
          ...{ weighted: 100_000n * 60_000n + 200_000n * 60_000n + 100_000n * 180_000n, coveredMs: 300_000 },
          ...{ first, last: { ts: start + 2 * minute, value: 0.1 }, increase: 200_000n, excluded: {}, corrected: 0 },
        },
        {
          ...{ group: 0, start: start + hour, count: 1, sum: 7_000_001n, min: 7.000001, max: 7.000001, ...none },
          ...{ weighted: 7_000_001n * 180_000n, coveredMs: 180_000, increase: 6_900_001n },
          ...{ first: { ts: start + hour, value: 7.000001 }, last: { ts: start + hour, value: 7.000001 } },
        },
      ])
    })

    it('leave out what was measured by a clock that was ahead, and by whom a person decided so, and say so', async () => {
      const store = opened()
      await store.write([
        air('aq-1', start, 10),
        { ...air('aq-1', start + minute, 99), aheadMs: 400_000 },
        air('aq-1', start + 2 * minute, 20),
        air('aq-1', start + 3 * minute, 30),
      ])
      const segments: CorrectionSegment[] = [
        { value: 'pm25', from: start, to: start + minute, exclusion: 'invalid', factor: 1, offset: 0 },
        { value: 'pm25', from: start + 3 * minute, to: start + hour, factor: 2, offset: -5 },
      ]
      const corrections = { kind: 'air-quality', sensor: 'aq-1', from: start, to: start + hour } as const
      await store.putCorrections({ ...corrections, segments })
      const [cell] = await ask({ edges: [start, start + hour] })
      expect(cell).toMatchObject({ count: 2, sum: 75_000_000n, excluded: { clock: 1, invalid: 1 }, corrected: 2 })
      await store.putCorrections({ ...corrections, segments: [] })
      const [again] = await ask({ edges: [start, start + hour] })
      expect(again).toMatchObject({ count: 3, sum: 60_000_000n, excluded: { clock: 1 }, corrected: 0 })
    })

    it('of a counter know what it grew by since the last reading of up to 40 days before, and that it began anew', async () => {
      const values = [
        [start - 41 * day, 1],
        [start - 39 * day, 5],
        [start + minute, 8],
        [start + 2 * minute, 2],
        [start + 2 * hour, 4],
      ] as const
      await opened().write(values.map(([ts, number]) => air('aq-1', ts, number)))
      const cells = await ask({ edges: [start, start + hour, start + 3 * hour] })
      expect(cells.map(({ increase }) => increase)).toEqual([5_000_000n, 2_000_000n])
      const [alone] = await ask({ edges: [start + day - 41 * day, start - 38 * day] })
      expect(alone?.increase).toBe(4_000_000n)
      const [without] = await ask({ edges: [start + 2 * day, start + 3 * day] })
      expect(without).toBeUndefined()
    })

    it('refuse what is no number of the kind, and what are no buckets', async () => {
      const query = { ...air1, edges: [start, start + hour] }
      const store = opened()
      for (const bad of [
        { ...query, value: 'nothing' },
        { ...query, kind: 'lighting' as const, value: 'powerState' },
        { ...query, edges: [start] },
        { ...query, edges: [start, start] },
        { ...query, edges: Array.from({ length: 20_002 }, (_, n) => start + n) },
      ]) {
        await expect(store.rollUps(bad)).rejects.toThrow(RangeError)
        await expect(store.percentiles({ ...bad, shares: [0.5] })).rejects.toThrow(RangeError)
        await expect(store.above({ ...bad, limit: 1 })).rejects.toThrow(RangeError)
        await expect(store.weigh(bad)).rejects.toThrow(RangeError)
      }
    })

    it('are what a recompute of all readings gives: in any order, repeated, late, corrected, before and after upkeep', async () => {
      let run = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(written, { minLength: 1, maxLength: 40 }),
          fc.array(member, { minLength: 1, maxLength: 5 }),
          fc.array(edges, { minLength: 1, maxLength: 3 }),
          fc.array(segment, { maxLength: 2 }),
          fc.array(change, { maxLength: 3 }),
          fc.array(fc.constantFrom('write', 'upkeep', 'reopen', 'report'), { minLength: 1, maxLength: 7 }),
          fc.boolean(),
          async (readings, members, buckets, segments, changes, doings, isRolled) => {
            run += 1
            const world = worldOf(run, { readings, segments, changes })
            let store = opened()
            const reported: typeof changes = []
            const parts = doings.filter((doing) => doing === 'write').length + 1
            const batches = split(world.writes, parts)
            const done: Reading[] = []
            for (const doing of ['write', ...doings]) {
              if (doing === 'reopen') store = await reopen()
              const [reporting] = doing === 'report' ? world.changes.splice(0, 1) : []
              if (reporting) {
                await store.appendEvents([world.eventOf(reporting)])
                reported.push(reporting)
              }
              if (doing === 'upkeep') await rollUpAll(store, world.from + 3 * hour, 20)
              const batch = doing === 'write' ? (batches.pop() ?? []) : []
              await store.write(batch)
              done.push(...batch)
              await check(store, { step: world.stepsOf(reported), readings: merged(done) }, world, members, buckets)
            }
            if (isRolled) await rollUpAll(store, world.from + 6 * hour, 20)
            for (const corrections of world.corrections) await store.putCorrections(corrections)
            const { segments: decided } = world
            const facts = { step: world.stepsOf(reported), readings: merged(done), segments: decided }
            await check(store, facts, world, members, buckets)
            if (isRolled) await rollUpAll(store, world.from + 6 * hour, 20)
            if (world.changes.length > 0) await store.appendEvents(world.changes.map(world.eventOf))
            facts.step = world.stepsOf([...reported, ...world.changes])
            await check(store, facts, world, members, buckets)
            for (const until of [6 * hour, 32 * hour]) {
              await rollUpAll(store, world.from + until, 20)
              await check(store, facts, world, members, buckets)
            }
          },
        ),
        { numRuns: 6, endOnFailure: true },
      )
    })
  })
}

/** What one run of the property writes, of sensors of its own. */
interface World {
  name: (sensor: string) => string
  from: number
  /** how often sensors were to report once these changes are known */
  stepsOf: (changes: readonly Of<typeof change>[]) => NonNullable<Facts['step']>
  changes: Of<typeof change>[]
  segments: NonNullable<Facts['segments']>
  writes: Reading[]
  eventOf: (one: Of<typeof change>) => StoredEvent
  corrections: Parameters<TelemetryStore['putCorrections']>[0][]
}

type Of<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Type> ? Type : never

function worldOf(
  run: number,
  given: { readings: Of<typeof written>[]; segments: Of<typeof segment>[]; changes: Of<typeof change>[] },
): World {
  // each run later than the one before: an hour that is rolled up stays so
  const from = span.from + run * 2 * day + 17 * minute
  const name = (sensor: string) => `aq-${run}-${sensor}`
  const writes = given.readings.map(({ sensor, offset, pm25, isAhead, kept }): Reading => {
    const values = pm25 === undefined ? { no2: 1 } : { pm25 }
    const clock = isAhead && kept === 0 ? { aheadMs: 400_000 } : {}
    const states = pm25 !== undefined && kept === 1 ? { states: { pm25: 'calibrating' as const } } : {}
    return { ...airOf(name(sensor), from + offset, values), ...clock, ...states }
  })
  const changes = given.changes.filter((one, at) => given.changes.findIndex((other) => isSame(one, other)) === at)
  const segments = given.segments
    .filter(({ sensor }, at) => given.segments.findIndex((other) => other.sensor === sensor) === at)
    .map(({ sensor, from: at, length, ...rest }) => ({
      ...{ sensor: name(sensor), value: 'pm25', from: from + at, to: from + at + length, ...rest },
    }))
  return {
    ...{ name, from, segments, writes, changes },
    stepsOf: (known) => (sensor, ts) => stepMs(known, (one) => name(one) === sensor, ts - from),
    eventOf: ({ sensor, at, seconds }) => ({
      ...{ stream: 'period', id: `${name(sensor)}@${at}`, ts: from + at },
      body: { sensor: name(sensor), seconds, before: seconds === 5 ? 60 : undefined },
    }),
    corrections: segments.map(({ sensor, ...one }) => ({
      ...{ kind: 'air-quality', sensor, segments: [one], from: one.from, to: one.to },
    })),
  }
}

const isSame = (a: Of<typeof change>, b: Of<typeof change>) => a.sensor === b.sensor && a.at === b.at

function stepMs(changes: readonly Of<typeof change>[], isOf: (sensor: string) => boolean, at: number): number {
  const own = changes.filter(({ sensor }) => isOf(sensor)).toSorted((a, b) => a.at - b.at)
  const [first] = own
  if (!first) return 60_000
  const last = own.filter((one) => one.at <= at).at(-1)
  return 1_000 * (last?.seconds ?? (first.seconds === 5 ? 60 : first.seconds))
}

function split<Item>(items: readonly Item[], parts: number): Item[][] {
  const size = Math.ceil(items.length / parts)
  return Array.from({ length: parts }, (_, n) => items.slice(n * size, (n + 1) * size))
}

/** The readings as a store holds them: one of each sensor and time, of the values of all. */
function merged(readings: readonly Reading[]): Reading[] {
  const found = new Map<string, Reading>()
  for (const reading of readings) {
    const key = `${reading.sensor} ${reading.ts}`
    const earlier = found.get(key)
    const values = { ...earlier?.values, ...reading.values }
    // what a later message holds is in the state that it says
    const kept = Object.entries(earlier?.states ?? {}).filter(([value]) => !(value in reading.values))
    const states = { ...Object.fromEntries(kept), ...reading.states }
    const { states: _, ...rest } = reading
    const united = { ...rest, values, ...(Object.keys(states).length > 0 && { states }) }
    found.set(key, united as Reading) // all are of one kind
  }
  return [...found.values()]
}

/** Compares what the store answers with a recompute of all readings. */
async function check(
  store: TelemetryStore,
  facts: Facts,
  { name, from }: World,
  members: readonly Of<typeof member>[],
  buckets: readonly Of<typeof edges>[],
): Promise<void> {
  const everywhere = (['a', 'b', 'c'] as const).map((sensor) => ({ sensor, group: 3 }))
  const whom = [...members, ...everywhere].map(
    ({ sensor, group, from: since, to: until }: Of<typeof member>): Member => ({
      ...{ sensor: name(sensor), group },
      ...(since === undefined ? {} : { from: from + since }),
      ...(until === undefined ? {} : { to: from + until }),
    }),
  )
  const begin = {
    run: from,
    hour: Math.floor(from / hour) * hour,
    day: Math.floor((from + aheadMs) / day) * day - aheadMs,
  }
  for (const { base, offsets } of buckets) {
    const at = offsets.toSorted((a, b) => a - b).map((offset) => (begin[base as keyof typeof begin] ?? from) + offset)
    const query = { ...air1, members: whom, edges: at }
    const expected = naiveRollUps(facts, query)
    expect(await store.rollUps(query)).toEqual(expected)
    const [sums, ends] = [
      { increase: expect.any(BigInt), first: undefined, last: undefined },
      await store.rollUps({ ...query, ends: false }),
    ]
    expect(ends.map((cell) => ({ ...cell, ...sums }))).toEqual(expected.map((cell) => ({ ...cell, ...sums })))
    expect(await store.above({ ...query, limit: 300 })).toEqual(naiveAbove(facts, { ...query, limit: 300 }))
    const shares = [0, 0.5, 0.95, 1]
    const close = naivePercentiles(facts, { ...query, shares }).map(({ values, ...cell }) => ({
      ...{ ...cell, values: values.map((number) => expect.closeTo(number, 6)) },
    }))
    expect(await store.percentiles({ ...query, shares })).toEqual(close)
  }
}

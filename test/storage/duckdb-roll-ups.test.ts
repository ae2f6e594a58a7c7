import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { rollUpsOfReadings } from '#storage/roll-up/from-readings.ts'
import type { CorrectionSegment, Member, RollUpQuery } from '#storage/roll-ups.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { Reading } from '#telemetry/reading.ts'
import { airOf, day, minute, start } from './store-samples.ts'

const hour = 60 * minute
const length = 5 * day
const kind = 'air-quality'
const log = pino({ level: 'silent' })

/** Time zones, and when the readings of a run in them begin: clocks change in the midst of some, days are not made of whole hours in others. */
const zones = [
  { zone: 'Asia/Ho_Chi_Minh', from: start },
  { zone: 'Asia/Kolkata', from: start },
  { zone: 'Europe/Berlin', from: Date.UTC(2024, 9, 24, 22) },
  { zone: 'Australia/Lord_Howe', from: Date.UTC(2024, 9, 3, 13, 30) },
] as const

interface Written {
  sensor: string
  /** ms from the begin */
  offset: number
  pm25: number | undefined
  temperature: number | undefined
  isAhead: boolean
  state?: 'calibrating' | 'error' | undefined
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
  state: fc.option(fc.constantFrom('calibrating' as const, 'error' as const), { nil: undefined, freq: 1 }),
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

type Doing = typeof doing extends fc.Arbitrary<infer One> ? One : never

/** A store in a folder of its own, which does what a property says. */
class World {
  readonly #from: number
  readonly #zone: string
  readonly #path: string
  store!: TelemetryStore // opened before anything is done

  constructor({ zone, from, folder }: { zone: string; from: number; folder: string }) {
    this.#from = from
    this.#zone = zone
    this.#path = join(folder, 'nhip.duckdb')
  }

  async open(): Promise<void> {
    this.store = await openDuckdbStore({ path: this.#path, log, timeZone: this.#zone })
  }

  async do(one: Doing): Promise<void> {
    const { store } = this
    const from = this.#from
    if ('write' in one) await store.write(one.write.map((written) => this.#readingOf(written)))
    if ('upkeep' in one) await rollUpAll(store, from + one.upkeep * day - 3 * hour, one.maxReadings)
    if ('correct' in one) {
      const segments = one.segments
        .filter(({ value: name }, index) => one.segments.findIndex((other) => other.value === name) === index)
        .map(({ from: begin, length: ms, ...rest }): CorrectionSegment => {
          return { ...rest, from: from + begin, to: from + begin + ms }
        })
      await store.putCorrections({ kind, sensor: one.correct, segments, from, to: from + 8 * day })
    }
    if ('period' in one) {
      const body = { sensor: one.period, seconds: one.seconds }
      await store.appendEvents([{ stream: 'period', id: `${one.period}@${one.at}`, ts: from + one.at, body }])
    }
    if ('reset' in one) await store.resetRollUps()
    if ('reopen' in one) {
      await store.close()
      await this.open()
    }
  }

  #readingOf({ sensor: name, offset: ms, pm25, temperature, isAhead, state }: Written): Reading {
    const values = pm25 === undefined && temperature === undefined ? { no2: 1 } : { pm25, temperature }
    const reading = airOf(name, this.#from + ms, values)
    const states = state && pm25 !== undefined ? { states: { pm25: state } } : {}
    return { ...reading, ...states, ...(isAhead ? { aheadMs: 400_000 } : {}) }
  }

  /** Compares all that can be asked with what readings alone say. */
  async compare({ members, edges: buckets, value: name }: Pick<RollUpQuery, 'members' | 'edges' | 'value'>) {
    const { store } = this
    const reference = rollUpsOfReadings(store)
    const at = (ms: number) => this.#from + ms
    const asked = {
      ...({ kind, value: name } as const),
      ...{ edges: buckets.toSorted((a, b) => a - b).map(at) },
      members: members.map(({ from, to, ...rest }): Member => {
        return { ...rest, ...(from !== undefined && { from: at(from) }), ...(to !== undefined && { to: at(to) }) }
      }),
    }
    const expected = await reference.rollUps(asked)
    expect(await store.rollUps(asked)).toEqual(expected)
    expect(await store.rollUps({ ...asked, ends: false })).toEqual(
      expected.map(({ first: _, last: __, ...rest }) => ({ ...rest, increase: 0n })),
    )
    const shares = [0, 0.5, 0.85, 0.95, 1]
    expect(await store.percentiles({ ...asked, shares })).toEqual(await reference.percentiles({ ...asked, shares }))
    for (const limit of [0, 34])
      expect(await store.above({ ...asked, limit })).toEqual(await reference.above({ ...asked, limit }))
  }
}

async function rollUpAll(store: TelemetryStore, until: number, maxReadings = 10_000): Promise<void> {
  // with one reading a step, it is left unfinished
  while ((await store.upkeep({ until, maxReadings })).more && maxReadings > 1);
}

describe('roll-ups in DuckDB', () => {
  let folder: string
  let world: World
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-roll-ups-'))
  })
  afterEach(async () => {
    await world.store.close()
    await rm(folder, { recursive: true })
  })
  const openWorld = async (of: (typeof zones)[number], name = '') => {
    const own = join(folder, name)
    await mkdir(own, { recursive: true })
    world = new World({ ...of, folder: own })
    await world.open()
  }

  it('equal what readings say, whatever is written, corrected and rolled up in which order, in whatever time zone', async () => {
    let run = 0
    const sequence = fc.array(
      fc.record({
        doing,
        members: fc.array(member, { minLength: 1, maxLength: 4 }),
        edges,
        value: fc.constantFrom('pm25', 'temperature'),
      }),
      { minLength: 4, maxLength: 9 },
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...zones), sequence, async (zone, steps) => {
        run += 1
        await world?.store.close()
        await openWorld(zone, String(run))
        for (const { doing: one, ...asked } of steps) {
          await world.do(one)
          await world.compare(asked)
        }
      }),
      { numRuns: Number(process.env.RUNS ?? 6) },
    )
  })

  const [home] = zones
  const pm25 = { kind, value: 'pm25', members: [{ sensor: 'aq-a', group: 0 }] } as const
  const dayEdges = [start - 7 * hour, start + 17 * hour, start + 41 * hour]

  it('that are older than the readings stay as they are, whatever comes late, and others are made anew', async () => {
    await openWorld(home)
    const { store } = world
    for (let ms = -7 * hour; ms < 48 * hour; ms += 10 * minute)
      await store.write([airOf('aq-a', start + ms, { pm25: ms / hour + 50 })])
    const before = await store.rollUps({ ...pm25, edges: dayEdges })
    const hours = Array.from({ length: 49 }, (_, n) => start - 7 * hour + n * hour)
    const byHours = await store.rollUps({ ...pm25, edges: hours })
    await store.upkeep({ until: start, maxReadings: 1 })
    // what is not rolled up yet is rolled up first
    await store.trim(start + 17 * hour)
    expect(await store.upkeepState()).toMatchObject({ frozenTo: start + 17 * hour, dirty: 0 })
    await store.write([airOf('aq-a', start + 2 * hour + 1, { pm25: 900 })])
    await store.putCorrections({ kind, sensor: 'aq-a', segments: [], from: start, to: start + 5 * hour })
    expect(await store.upkeepState()).toMatchObject({ dirty: 0, dirtySince: undefined })
    const until = start + 48 * hour
    await rollUpAll(store, until)
    expect(await store.rollUps({ ...pm25, edges: dayEdges })).toEqual(before)
    await store.resetRollUps()
    expect(await store.rollUps({ ...pm25, edges: hours })).toEqual(byHours)
    await rollUpAll(store, until)
    expect(await store.rollUps({ ...pm25, edges: hours })).toEqual(byHours)
    expect(await store.weigh({ ...pm25, edges: dayEdges })).toEqual({ readings: 0, rollUps: 2 })
  })

  it('say how many hours are dirty, and since when', async () => {
    await openWorld(home)
    const { store } = world
    await store.write([airOf('aq-a', start, { pm25: 1 }), airOf('aq-b', start + hour, { pm25: 1 })])
    expect(await store.upkeepState()).toEqual({ rolledTo: undefined, frozenTo: 0, dirty: 0, dirtySince: undefined })
    await rollUpAll(store, start + 2 * hour)
    expect(await store.upkeepState()).toMatchObject({ rolledTo: start + 2 * hour, dirty: 0 })
    const at = Date.now()
    await store.write([airOf('aq-a', start + 1, { pm25: 1 }), airOf('aq-a', start + 2, { pm25: 1 })])
    // it holds into the next hour
    await store.write([airOf('aq-b', start + hour - 1, { pm25: 1 }), airOf('aq-b', start + 2 * hour, { pm25: 1 })])
    const { dirty, dirtySince = 0 } = await store.upkeepState()
    expect(dirty).toBe(3)
    expect(dirtySince).toBeGreaterThanOrEqual(at)
    await rollUpAll(store, start + 2 * hour)
    expect(await store.upkeepState()).toMatchObject({ dirty: 0, dirtySince: undefined })
  })

  it('of days are made anew for another time zone, and right meanwhile', async () => {
    await openWorld(home)
    for (let ms = 0; ms < 4 * day; ms += 20 * minute)
      await world.store.write([airOf('aq-a', start + ms, { pm25: ms / hour })])
    await rollUpAll(world.store, start + 4 * day)
    await world.store.close()
    await openWorld({ zone: 'Europe/Berlin', from: start })
    const asked = { ...pm25, edges: [0, 24, 48].map((ms) => ms * hour - hour) }
    await world.compare(asked)
    expect(await world.store.weigh({ ...asked, edges: asked.edges.map((ms) => start + ms) })).toEqual({
      readings: 0,
      rollUps: 48,
    })
    await rollUpAll(world.store, start + 4 * day)
    await world.compare(asked)
    expect(await world.store.weigh({ ...asked, edges: asked.edges.map((ms) => start + ms) })).toEqual({
      readings: 0,
      rollUps: 2,
    })
  })
})

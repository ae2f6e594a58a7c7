import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ClockState, followClock } from '#telemetry/clock.ts'
import type { LiveReading } from '#telemetry/live.ts'
import { type Newest, partsOf, timeOfValue, unite } from '#telemetry/newest.ts'
import type { Reading } from '#telemetry/reading.ts'
import { valuesOf } from '#telemetry/reading.ts'
import { sensorStateSchema } from '#telemetry/sensor.ts'
import { freshReading } from '#telemetry/staleness.ts'
import { mergeReading } from '../../ingest/live/merge-readings.ts'

const start = 1_763_900_000_000
const minute = 60_000
const air = (ts: number, values: Record<string, number>): Reading =>
  ({ kind: 'air-quality', district: 'tay-ninh', sensor: 'a-1', ts, values }) as Reading // tests give values of the kind
const came = (ts: number, values: Record<string, number>, arrivedAt = ts): LiveReading => ({
  reading: air(ts, values),
  arrivedAt,
})
const all = (readings: readonly LiveReading[], clock?: ClockState): Newest =>
  readings.reduce<Newest>((held, live) => unite(held, live, clock) ?? held, {})

const message = fc
  .record({
    ts: fc.integer({ min: 0, max: 6 }),
    values: fc.dictionary(fc.constantFrom('pm25', 'pm10', 'temperature'), fc.nat(40), { minKeys: 1 }),
  })
  .map(({ ts, values }) => ({ ts: start + ts * minute, values }))
/** in order of arrival, as late as it gets */
const messages = fc
  .array(message, { minLength: 1, maxLength: 30 })
  .map((given) => given.map(({ ts, values }, at) => came(ts, values, start + 10 * minute + at)))

/** What a plain look at everything that came finds: of each value the newest, of one time the last. */
function newestByValue(readings: readonly LiveReading[]) {
  const newest: Record<string, { ts: number; value: number }> = {}
  for (const { reading } of readings)
    for (const [name, value] of Object.entries(reading.values as Record<string, number>))
      if (reading.ts >= (newest[name]?.ts ?? 0)) newest[name] = { ts: reading.ts, value }
  return newest
}

function heldByValue(held: Newest) {
  const values = held.reading ? valuesOf(held.reading) : {}
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { ts: timeOfValue(held, name)?.ts, value }]),
  )
}

describe('the newest of every value', () => {
  it.each([
    [
      'three messages of one time are united',
      [came(start, { pm25: 180 }), came(start, { temperature: 31 }), came(start, { pm10: 90 })],
      { pm25: 180, temperature: 31, pm10: 90 },
    ],
    [
      'of one time the value that arrived last wins',
      [came(start, { pm25: 1 }), came(start, { pm25: 2 }, start + 1)],
      { pm25: 2 },
    ],
    [
      'a message with one value leaves the others',
      [came(start, { pm25: 180 }), came(start + minute, { temperature: 31 })],
      { pm25: 180, temperature: 31 },
    ],
    [
      'one that comes late takes no place',
      [came(start, { pm25: 180 }), came(start - minute, { pm25: 20, pm10: 5 }, start + 1)],
      { pm25: 180, pm10: 5 },
    ],
  ])('%s', (_what, readings, values) => {
    expect(all(readings as LiveReading[]).reading?.values).toEqual(values)
  })

  it('is what a plain look at all that came finds, with the time of each', () => {
    fc.assert(
      fc.property(messages, (given) => {
        const held = all(given)
        expect(heldByValue(held)).toEqual(newestByValue(given))
        expect(held.reading?.ts).toBe(Math.max(...given.map(({ reading }) => reading.ts)))
      }),
    )
  })

  it('is the same when what came within a batch was gathered first', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 8 }), (given, size) => {
        const gathered: LiveReading[] = []
        for (let at = 0; at < given.length; at += size)
          gathered.push(...given.slice(at, at + size).reduce<LiveReading[]>(mergeReading, []))
        expect(heldByValue(all(gathered))).toEqual(newestByValue(given))
      }),
    )
  })

  it('gathers no more readings than a sensor has values, and leaves one of a clock that is ahead apart', () => {
    const ahead = { reading: { ...air(start + 420 * minute, { pm25: 7 }), aheadMs: 420 * minute }, arrivedAt: start }
    const gathered = [came(start, { pm25: 1 }), ahead, came(start + 1, { pm25: 2 })].reduce<LiveReading[]>(
      mergeReading,
      [],
    )
    expect(gathered.map(({ reading }) => reading.ts).sort()).toEqual([start + 1, start + 420 * minute])
  })

  it('takes from the store what is missing, and nothing that came live', () => {
    const held = all([came(start, { pm25: 2 })])
    expect(unite(held, { reading: air(start, { pm25: 1, pm10: 4 }) })?.reading?.values).toEqual({ pm25: 2, pm10: 4 })
    expect(unite(held, { reading: air(start, { pm25: 1 }) })).toBeUndefined()
  })

  it('holds values of several times that could not be of one: the shape of a state takes them', () => {
    const traffic = (ts: number, values: Record<string, number>) => ({
      reading: { ...air(ts, {}), kind: 'traffic', values } as unknown as Reading,
      arrivedAt: ts,
    })
    const held = all([
      traffic(start, { intensity: 10, motorbikes: 7, cars: 3, buses: 0, trucks: 0 }),
      traffic(start + minute, { intensity: 12 }),
    ])
    const state = { id: 'a-1', district: 'tay-ninh', kind: 'traffic', ...held }
    expect(sensorStateSchema.safeParse(state).success).toBe(true)
  })

  it('is taken apart into readings that make it again', () => {
    fc.assert(
      fc.property(messages, (given) => {
        const { reading, valueTimes = {} } = all(given)
        if (!reading) return
        const times = Object.fromEntries(Object.entries(valueTimes).map(([name, { ts }]) => [name, ts]))
        const parts = partsOf({ ...reading, valueTimes: times })
        expect(heldByValue(all(parts.map((part) => ({ reading: part, arrivedAt: part.ts }))))).toEqual(
          newestByValue(given),
        )
      }),
    )
  })

  it('leaves out a value that is stale although the sensor goes on', () => {
    const held = all([came(start, { pm25: 180 }), came(start + 3 * minute + 1, { temperature: 31 })])
    expect(freshReading(held, start + 3 * minute)?.values).toMatchObject({ pm25: 180 })
    expect(freshReading(held, start + 3 * minute + 1)?.values).toEqual({ temperature: 31 })
  })
})

describe('a clock', () => {
  /** what is known after readings of (ts, arrival) */
  const after = (given: readonly [number, number][]) =>
    given.reduce<ClockState>((held, [ts, at]) => followClock(held, { ts }, at), {})
  const every = (count: number, stepMs: number, lateMs: number): [number, number][] =>
    Array.from({ length: count }, (_, at) => [start + at * stepMs - lateMs, start + at * stepMs])

  const standing = (count: number, stepMs: number): [number, number][] =>
    Array.from({ length: count }, (_, at) => [start, start + at * stepMs])
  const split = (ts: number): [number, number][] => [0, 900, 2_500].map((ms) => [ts, start + ms])
  /** right, 7 h ahead, right, and so on, one each 2 s */
  const turns = (count: number): [number, number][] =>
    every(count, 2_000, 0).map(([ts, at], index) => [index % 2 ? ts + 420 * minute : ts, at])
  const later = (index: number, afterMs: number): [number, number][] => [
    [start + index * 2_000 + afterMs, start + index * 2_000 + afterMs],
  ]

  it.each([
    ['7 h ahead, by one reading', [[start + 420 * minute, start]] as [number, number][], 420 * minute],
    ['just right', every(5, 2_000, 0), undefined],
    ['5 min ahead, which is allowed', [[start + 5 * minute, start]] as [number, number][], undefined],
    ['10 min slow with a reading every 2 s', every(3, 2_000, 10 * minute), -10 * minute],
    ['10 min slow with a reading a minute', every(3, minute, 10 * minute), -10 * minute],
    ['late once', every(1, 2_000, 10 * minute), undefined],
    [
      'ahead, then right',
      [
        [start + 420 * minute, start],
        [start + 1_000, start + 1_000],
      ] as [number, number][],
      undefined,
    ],
    [
      'slow, then right',
      [...every(3, 2_000, 10 * minute), [start + 6_000, start + 6_000]] as [number, number][],
      undefined,
    ],
    [
      'an hour that a gateway held, delivered at once',
      Array.from({ length: 60 }, (_, at): [number, number] => [start + at * minute, start + 60 * minute + at * 20]),
      undefined,
    ],
    [
      'the same as one array',
      Array.from({ length: 60 }, (_, at): [number, number] => [start + at * minute, start + 60 * minute]),
      undefined,
    ],
    [
      'backlog between live readings',
      every(20, 2_000, 0).flatMap(([ts, at]): [number, number][] => [
        [ts, at],
        [ts - 60 * minute, at],
      ]),
      undefined,
    ],
    ['standing still for 10 min', standing(11, minute), -10 * minute],
    ['standing still for 4 min', standing(5, minute), undefined],
    ['a time that comes in three messages after a while', split(start - 60 * minute), undefined],
    [
      'the same late reading sent again and again by a gateway, with others between',
      every(10, minute, 60 * minute).map(([ts, at], index): [number, number] => [
        index % 2 ? ts - index * 7 * minute : start - 60 * minute,
        at,
      ]),
      undefined,
    ],
    [
      'ahead, then late: that says nothing',
      [
        [start + 420 * minute, start],
        [start - 420 * minute, start + 1_000],
      ] as [number, number][],
      420 * minute,
    ],
    ['right and 7 h ahead by turns', turns(6), 420 * minute],
    ['7 h ahead and back by turns, the last one right', turns(7), 420 * minute],
    ['by turns, then right for 10 min', [...turns(7), ...later(7, 11 * minute)], undefined],
    ['by turns, then right for 9 min', [...turns(7), ...later(7, 9 * minute)], 420 * minute],
    [
      'ahead once, right, and ahead an hour later, then right',
      [...turns(3), [start + 480 * minute, start + 60 * minute], [start + 61 * minute, start + 61 * minute]] as [
        number,
        number,
      ][],
      undefined,
    ],
  ])('%s', (_what, given, offMs) => {
    expect(after(given).fault?.offMs).toBe(offMs)
  })

  it('that is slow puts readings in the order of their arrival, also after right ones', () => {
    const given = [
      ...every(3, 2_000, 0).map(([ts]) => came(ts, { pm25: 20 })),
      ...every(4, 2_000, 10 * minute).map(([ts, at]) => came(ts, { pm25: 160 }, at + 6_000)),
    ]
    let held: Newest = {}
    let clock: ClockState = {}
    for (const live of given) {
      clock = followClock(clock, live.reading, live.arrivedAt)
      held = unite(held, live, clock) ?? held
    }
    expect(held.reading?.values).toEqual({ pm25: 160 })
    expect(held.arrivedAt).toBe(start + 12_000)
  })
})

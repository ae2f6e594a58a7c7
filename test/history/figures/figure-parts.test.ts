import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketsOf } from '#history/figures/figure-buckets.ts'
import { splitByDirection } from '#history/figures/groups-of-figures.ts'
import { type Failure, failureFigures, mergeFailures } from '#history/figures/lighting/failures.ts'
import { lampLife } from '#history/figures/lighting/lamp-life.ts'
import { lightingBuckets } from '#history/figures/lighting/lighting-buckets.ts'
import { nightsOf, sunSpans } from '#history/figures/lighting/nights.ts'
import { orderedSpans } from '#history/figures/lighting/ordered-spans.ts'
import { fullLightMs } from '#history/figures/lighting/planned-energy.ts'
import { addTerms, noTerms, scoresOf } from '#history/figures/quality/quality-terms.ts'
import { rounded } from '#history/figures/rounding.ts'
import { nightsBefore } from '#history/figures/traffic/free-flow-speeds.ts'
import { isPeak, localHourOf, peakOf } from '#history/figures/traffic/hours-of-day.ts'
import { levelOfService } from '#history/figures/traffic/level-of-service.ts'
import { passengerCarUnitsPerHour, vehiclesPerHour } from '#history/figures/traffic/passenger-car-units.ts'
import { travelTimeIndices, travelTimeRatio } from '#history/figures/traffic/travel-time.ts'
import { bucketAt, edgesOf } from '#history/time-buckets.ts'
import type { AcknowledgedOrder } from '#telemetry/lamp-override.ts'
import { localTime } from './figure-stores.ts'

const hour = 3_600_000
const day = 24 * hour
const zone = 'Asia/Ho_Chi_Minh'
const here = [106.1, 11.3] as const
const from = localTime('2026-11-18', 12)
const moment = fc.integer({ min: from, max: from + 10 * day })
const span = fc.tuple(moment, moment).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) + 1 }))
const lengthOf = (spans: readonly { from: number; to: number }[]) =>
  spans.reduce((sum, one) => sum + one.to - one.from, 0)

describe('a figure', () => {
  it('is rounded as by hand: halves go away from zero', () => {
    const table: [number, number, number][] = [
      [1.9625, 3, 1.963],
      [-1.9625, 3, -1.963],
      [0.5, 0, 1],
      [1e-7, 3, 0],
      [-1e-7, 3, 0],
      [1.5e21, 2, 1.5e21],
    ]
    for (const [value, digits, expected] of table) expect(rounded(value, digits)).toBe(expected)
  })

  it('is within half of its last digit, and as it is when rounded again', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.nat({ max: 6 }), (value, digits) => {
        const once = rounded(value, digits)
        expect(Math.abs(once - value)).toBeLessThanOrEqual(0.5 * 10 ** -digits + 1e-6)
        expect(rounded(once, digits)).toBe(once)
      }),
    )
  })
})

describe('buckets of figures', () => {
  it('cover their span without a gap, and hold each of its moments', () => {
    fc.assert(
      fc.property(span, fc.constantFrom('1h', '1d', '1w', '1mo'), fc.nat(), (asked, window, at) => {
        const buckets = bucketsOf(window, zone, asked, asked.to)
        const edges = edgesOf(buckets)
        expect([edges[0], edges.at(-1)]).toEqual([asked.from, asked.to])
        expect(edges).toEqual([...new Set(edges)].sort((a, b) => a - b))
        const ts = asked.from + (at % (asked.to - asked.from))
        const { start = 0, end = 0 } = buckets[bucketAt(buckets, ts)] ?? {}
        expect(start <= ts && ts < end).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('of nights go from noon to noon, and the same holds of them', () => {
    fc.assert(
      fc.property(span, (asked) => {
        const edges = edgesOf(lightingBuckets('night', zone, asked, asked.to))
        expect([edges[0], edges.at(-1)]).toEqual([asked.from, asked.to])
        for (const edge of edges.slice(1, -1)) expect((edge - from) % day).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})

describe('traffic', () => {
  it('has levels of service by the share of free-flow speed, as HCM 2010 draws the lines', () => {
    const table = [
      [100, 'A'],
      [86, 'A'],
      [85, 'B'],
      [68, 'B'],
      [67, 'C'],
      [51, 'C'],
      [50, 'D'],
      [40, 'E'],
      [30, 'F'],
      [0, 'F'],
    ] as const
    for (const [speed, level] of table) expect(levelOfService(speed, 100), String(speed)).toBe(level)
  })

  it('is vehicles per hour whatever the period, and nothing where nobody counted', () => {
    expect(vehiclesPerHour({ sum: 100_000_000n, observedMs: 600_000 })).toBe(600)
    expect(vehiclesPerHour({ sum: 0n, observedMs: 0 })).toBeUndefined()
    const counted = { sum: 10_000_000n, observedMs: hour }
    const classes = { motorbikes: counted, cars: counted, buses: counted, trucks: counted }
    const factors = { motorbikes: 0.3, cars: 1, buses: 2.5, trucks: 2.5 }
    expect(passengerCarUnitsPerHour(classes, factors)).toBeCloseTo(63)
    expect(passengerCarUnitsPerHour({ ...classes, cars: { sum: 0n, observedMs: 0 } }, factors)).toBeUndefined()
  })

  it('has indices of travel times: the mean, and the 95th percentile by linear interpolation', () => {
    expect(travelTimeIndices([])).toBeUndefined()
    expect(travelTimeIndices([2, 1, 4, 3])?.travelTimeIndex).toBe(2.5)
    expect(travelTimeIndices([2, 1, 4, 3])?.planningTimeIndex).toBeCloseTo(3.85, 9)
    // a standstill is 1 km/h
    expect(travelTimeRatio(0, 50)).toBe(50)
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.5, max: 50, noNaN: true }), { minLength: 1 }), (ratios) => {
        const found = travelTimeIndices(ratios)
        expect(found?.planningTimeIndex).toBeLessThanOrEqual(Math.max(...ratios) + 1e-6)
        expect(found?.planningTimeIndex).toBeGreaterThanOrEqual(Math.min(...ratios) - 1e-6)
      }),
    )
  })

  it('knows peak hours of weekdays, and nights by the clock of the zone', () => {
    const friday = localTime('2026-11-20', 7)
    expect(localHourOf(friday, zone)).toEqual({ hour: 7, isWeekend: false })
    expect(isPeak(localHourOf(friday, zone))).toBe(true)
    expect(isPeak(localHourOf(friday + day, zone))).toBe(false)
    expect(isPeak(localHourOf(friday + 3 * hour, zone))).toBe(false)
    const hours = [{ hour: 6, vehiclesPerHour: 5 }, { hour: 7, vehiclesPerHour: 5 }, { hour: 17 }]
    expect(peakOf(hours)).toBe(hours[0])
    expect(peakOf(hours, 12)).toBeUndefined()
    const nights = nightsBefore(friday, zone)
    expect(nights).toHaveLength(28)
    expect(nights.at(-1)).toEqual({ from: localTime('2026-11-19', 22), to: localTime('2026-11-20', 5) })
    expect(nightsBefore(localTime('2026-11-20', 23), zone).at(-1)).toEqual({
      ...{ from: localTime('2026-11-20', 22), to: localTime('2026-11-20', 23) },
    })
  })

  it('of a road is split by the direction in which its counters look', () => {
    const membership = {
      groups: [{ id: 'r-1', sensors: ['a', 'b', 'c'] }],
      members: ['a', 'b', 'c'].map((sensor) => ({ sensor, group: 0 })),
    }
    const directionOf = (sensor: string) => (sensor === 'a' ? 'forward' : sensor === 'b' ? 'backward' : undefined)
    expect(splitByDirection(membership, directionOf)).toEqual({
      groups: [
        { id: 'r-1', direction: 'forward', sensors: ['a'] },
        { id: 'r-1', direction: 'backward', sensors: ['b'] },
        { id: 'r-1', sensors: ['c'] },
      ],
      members: [
        { sensor: 'a', group: 0 },
        { sensor: 'b', group: 1 },
        { sensor: 'c', group: 2 },
      ],
    })
  })
})

describe('nights by the sun', () => {
  it('lie between two noons, in the order of a sunset and a sunrise', () => {
    const nights = nightsOf(here, zone, { from, to: from + 365 * day })
    expect(nights).toHaveLength(365)
    for (const { noon, dayEnds, sunset, from: dark, to, sunrise, dayBegins, nextNoon } of nights) {
      const times = [noon, dayEnds, sunset, dark, to, sunrise, dayBegins, nextNoon]
      expect(times).toEqual([...times].sort((a, b) => a - b))
      // at 11° north the night is never far from 12 hours
      expect(Math.abs(sunrise - sunset - 12 * hour)).toBeLessThan(hour)
    }
  })

  it('cut every span into night, day and twilight without a gap', () => {
    fc.assert(
      fc.property(span, fc.constantFrom('sun', 'hours'), (asked, edges) => {
        const spans = sunSpans(nightsOf(here, zone, asked), asked, edges)
        expect(lengthOf(spans)).toBe(asked.to - asked.from)
        for (const [at, one] of spans.entries()) expect(one.from).toBe(spans[at - 1]?.to ?? asked.from)
        if (edges === 'hours')
          for (const { light, from: begin, to } of spans.slice(1, -1))
            if (light === 'night') expect([begin % hour, to % hour]).toEqual([0, 0])
      }),
      { numRuns: 60 },
    )
  })

  it('take as much energy as full light between sunset and sunrise, less what dimming saves', () => {
    const [night] = nightsOf(here, zone, { from, to: from + day })
    if (!night) throw new Error('there is a night')
    const whole = { from: night.noon, to: night.nextNoon }
    const dimming = { from: 23 * 60, to: 5 * 60, level: 0.5 }
    expect(fullLightMs(night, [], zone, whole)).toBe(night.sunrise - night.sunset)
    expect(fullLightMs(night, [dimming], zone, whole)).toBe(night.sunrise - night.sunset - 3 * hour)
    // a plan of parts is the plan of the whole
    fc.assert(
      fc.property(fc.integer({ min: night.noon, max: night.nextNoon }), (at) => {
        const parts = [
          { from: whole.from, to: at },
          { from: at, to: whole.to },
        ].map((part) => fullLightMs(night, [dimming], zone, part))
        expect((parts[0] ?? 0) + (parts[1] ?? 0)).toBeCloseTo(night.sunrise - night.sunset - 3 * hour, 3)
      }),
    )
  })
})

describe('orders of a lamp', () => {
  const order = (
    since: number,
    action: 'on' | 'off' | 'automatic',
    until?: number,
  ): Pick<AcknowledgedOrder, 'order' | 'since'> => ({
    since,
    order: action === 'automatic' ? { action } : { action, ...(until !== undefined && { until }) },
  })

  it('are in force until they end, or the next one comes', () => {
    const orders = [order(20, 'off', 60), order(5, 'on', 30), order(70, 'off'), order(80, 'automatic')]
    expect(orderedSpans(orders, { from: 10, to: 100 })).toEqual([
      { from: 10, to: 20, ordered: 'on' },
      { from: 20, to: 60, ordered: 'off' },
      { from: 60, to: 70, ordered: 'schedule' },
      { from: 70, to: 80, ordered: 'off' },
      { from: 80, to: 100, ordered: 'schedule' },
    ])
  })

  it('cut a span without a gap, in whatever order they come', () => {
    const any = fc.record({
      since: fc.nat({ max: 120 }),
      action: fc.constantFrom('on' as const, 'off' as const, 'automatic' as const),
      lasts: fc.option(fc.nat({ max: 50 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.uniqueArray(any, { selector: ({ since }) => since, maxLength: 8 }), (given) => {
        const orders = given.map(({ since, action, lasts }) =>
          order(since, action, lasts === undefined ? undefined : since + lasts),
        )
        const spans = orderedSpans(orders, { from: 10, to: 100 })
        expect(lengthOf(spans)).toBe(90)
        for (const [at, one] of spans.entries()) {
          expect(one.from).toBe(spans[at - 1]?.to ?? 10)
          expect(one.ordered).not.toBe(spans[at - 1]?.ordered)
        }
        expect(orderedSpans(orders.toReversed(), { from: 10, to: 100 })).toEqual(spans)
      }),
    )
  })
})

describe('failures of lamps', () => {
  const night = (_: string, begin: number, end: number) => Math.max(0, end - begin)
  const failure = (begin: number, to?: number, endsByDay = false): Failure => ({
    ...{ sensor: 'l-1', from: begin, endsByDay },
    ...(to !== undefined && { to }),
  })

  it('that overlap are one, and so are those of a dark lamp with less than an hour of night between them', () => {
    const merge = (...failures: Failure[]) => mergeFailures(failures, { until: 100 * hour, nightMsIn: night })
    expect(merge(failure(0, 10), failure(5, 20))).toMatchObject([{ from: 0, to: 20 }])
    expect(merge(failure(0, hour, true), failure(1.5 * hour, 3 * hour, true))).toMatchObject([
      { from: 0, to: 3 * hour },
    ])
    // what a lamp reported of itself is over when it says so
    expect(merge(failure(0, hour), failure(1.5 * hour, 3 * hour))).toHaveLength(2)
    expect(merge(failure(0, hour, true), failure(3 * hour, 4 * hour, true))).toHaveLength(2)
    expect(merge(failure(0), failure(50, 60))).toMatchObject([{ from: 0 }])
  })

  it('of a dark lamp are not over before a night has shown it', () => {
    const merged = mergeFailures([failure(0, hour, true)], { until: 1.5 * hour, nightMsIn: night })
    expect(merged[0]).not.toHaveProperty('to')
    expect(failureFigures(merged, { from: 0, to: 2 * hour })).toEqual({ failures: 1, repairs: 0, openFailures: 1 })
  })

  it('are fewer once merged, and cover what they covered', () => {
    const any = fc.record({
      begin: fc.nat({ max: 1_000 }),
      length: fc.integer({ min: 1, max: 100 }),
      endsByDay: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (given) => {
        const failures = given.map(({ begin, length, endsByDay }) =>
          failure(begin * hour, (begin + length) * hour, endsByDay),
        )
        const merged = mergeFailures(failures, { until: 10_000 * hour, nightMsIn: night })
        expect(merged.length).toBeLessThanOrEqual(failures.length)
        for (const { from: begin, to = 0 } of failures)
          expect(merged.some((one) => one.from <= begin && (one.to ?? 0) >= to)).toBe(true)
        const again = mergeFailures(merged, { until: 10_000 * hour, nightMsIn: night })
        expect(again).toEqual(merged)
      }),
    )
  })

  it('have their time to repair in the span in which they end', () => {
    const failures = [failure(0, 4 * hour), failure(2 * hour, 12 * hour), failure(5 * hour)]
    expect(failureFigures(failures, { from: hour, to: 10 * hour })).toEqual({
      ...{ failures: 2, repairs: 1, meanRepairHours: 4, openFailures: 2 },
    })
  })

  it('are apart from how long lamps live', () => {
    const lamps = [4_000, 40_000, 60_000].map((hours) => ({ hours, ratedHours: 50_000 }))
    expect(lampLife(lamps)).toMatchObject({ lamps: 3, highestShare: 1.2, nearEnd: 2, beyondEnd: 1 })
    expect(lampLife([])).toEqual({ lamps: 0, nearEnd: 0, beyondEnd: 0 })
  })
})

describe('scores of data quality', () => {
  it('are shares of their terms, and the least of those that are known', () => {
    const terms = {
      readings: 90,
      refused: 10,
      expected: 100,
      timely: 80,
      judged: 90,
      plausible: 45,
      freshMs: 70,
      spanMs: 100,
    }
    expect(scoresOf(terms)).toEqual({ correct: 0.9, complete: 0.8, clean: 0.5, live: 0.7, score: 0.5 })
    expect(scoresOf(noTerms())).toEqual({})
    const { refused: _, plausible: __, judged: ___, ...known } = terms
    expect(scoresOf(known)).toEqual({ complete: 0.8, live: 0.7, score: 0.7 })
  })

  it('of several together lie between theirs', () => {
    const term = fc.record({ timely: fc.nat({ max: 100 }), expected: fc.integer({ min: 100, max: 200 }) })
    fc.assert(
      fc.property(fc.array(term, { minLength: 1, maxLength: 6 }), (given) => {
        const all = given.map((one) => ({ ...noTerms(), ...one }))
        const sum = noTerms()
        for (const one of all) addTerms(sum, one)
        const shares = all.map((one) => scoresOf(one).complete ?? 0)
        expect(scoresOf(sum).complete).toBeLessThanOrEqual(Math.max(...shares) + 1e-4)
        expect(scoresOf(sum).complete).toBeGreaterThanOrEqual(Math.min(...shares) - 1e-4)
      }),
    )
  })
})

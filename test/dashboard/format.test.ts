import { describe, expect, it } from 'vitest'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import { defaultTimeZone } from '#telemetry/time-zone.ts'
import { valueInfo } from '#telemetry/values.ts'
import { createFormat } from '../../dashboard/src/i18n/format.ts'
import { defaultLayers } from '../../dashboard/src/kinds/kinds.ts'
import { SensorRegistry } from '../../dashboard/src/live/sensor-registry.ts'
import { LatencyWindow, ServerClock } from '../../dashboard/src/live/server-clock.ts'
import { formatPlace, type Place, parsePlace } from '../../dashboard/src/navigation/address.ts'
import { gapLimit, isolated, joinSeries, withGaps } from '../../dashboard/src/sensor/chart/series.ts'
import { noFilters } from '../../dashboard/src/sensor/filters.ts'
import { fold, matches } from '../../dashboard/src/sensor/search.ts'
import { orderSensors, type Ranks } from '../../dashboard/src/sensor/sensor-order.ts'

const vietnamese = createFormat('vi', defaultTimeZone)
const english = createFormat('en', defaultTimeZone)
const at = Date.UTC(2026, 10, 23, 18, 5, 9)

describe('numbers, values and times', () => {
  it('are written as the language writes them', () => {
    expect(vietnamese.number(4812.55, 1)).toBe('4.812,6')
    expect(english.number(4812.55, 1)).toBe('4,812.6')
  })

  it('are local to the districts whatever the machine thinks', () => {
    expect(english.time(at)).toBe('01:05:09')
    expect(vietnamese.time(at)).toBe('01:05:09')
    expect(english.dateTime(at)).toContain('24/11/2026')
  })

  it.each([
    ['Europe/Berlin', Date.UTC(2026, 2, 29, 0, 59, 59), '01:59:59', '29/03/2026'],
    ['Europe/Berlin', Date.UTC(2026, 2, 29, 1), '03:00:00', '29/03/2026'],
    ['America/New_York', Date.UTC(2026, 10, 1, 5, 30), '01:30:00', '01/11/2026'],
    ['America/New_York', Date.UTC(2026, 10, 1, 6, 30), '01:30:00', '01/11/2026'],
    ['Australia/Lord_Howe', Date.UTC(2026, 9, 3, 15, 30), '02:30:00', '04/10/2026'],
    ['Asia/Kathmandu', Date.UTC(2026, 10, 25, 18, 15), '00:00:00', '26/11/2026'],
  ])('are those of another zone of the city, daylight saving included: %s', (zone, moment, time, day) => {
    const format = createFormat('en', zone)
    expect(format.time(moment)).toBe(time)
    expect(format.dateTime(moment)).toContain(day)
  })

  it('say which one is meant where the clocks show a time twice', () => {
    const format = createFormat('en', 'Europe/Berlin')
    const first = Date.UTC(2026, 9, 25, 0, 30)
    const hourMs = 3_600_000
    expect([first - hourMs, first, first + hourMs, first + 2 * hourMs].map(format.dateTime)).toEqual([
      '25/10/2026, 01:30:00',
      '25/10/2026, 02:30:00 (UTC+02:00)',
      '25/10/2026, 02:30:00 (UTC+01:00)',
      '25/10/2026, 03:30:00',
    ])
  })

  it('carry their unit, shares in per cent, words translated', () => {
    const speed = valueInfo('traffic', 'averageVehicleSpeed')
    const count = valueInfo('traffic', 'intensity')
    const share = valueInfo('traffic', 'occupancy')
    const fault = valueInfo('lighting', 'fault')
    if (!speed || !count || !share || !fault) throw new Error('a value has lost its description')
    expect(vietnamese.value(speed, 31.5)).toBe('31,5 km/h')
    expect(vietnamese.value(count, 18)).toBe('18 xe')
    expect(english.value(count, 18)).toBe('18 veh.')
    expect(english.value(share, 0.31)).toBe('31 %')
    expect(vietnamese.value(fault, 'lamp')).toBe('bóng đèn')
  })

  it('tell an age in its largest unit and never in the future', () => {
    expect(english.age(12_900)).toBe('12 seconds ago')
    expect(english.age(119_000)).toBe('1 minute ago')
    expect(english.age(-5_000)).toBe('0 seconds ago')
    expect(vietnamese.age(7_300_000)).toBe('2 giờ trước')
  })
})

it('a latency is told in ms to two places below a second, and in seconds above', () => {
  expect(english.latency(187)).toBe('190 ms')
  expect(vietnamese.latency(1_240)).toBe('1,2 s')
})

describe('search', () => {
  it('does without diacritics and takes words in any order', () => {
    expect(fold('Đường Cách Mạng')).toBe('duong cach mang')
    expect(matches(fold('Đường Cách Mạng Tháng Tám'), 'thang cách')).toBe(true)
    expect(matches(fold('Bời Lời'), 'boi lai')).toBe(false)
  })
})

describe('the address', () => {
  it('gives back the place it was made of', () => {
    const place: Place = {
      view: { zoom: 13.25, lat: 11.31, lon: 106.1 },
      sensor: 'tay-ninh-traffic-001',
      section: 'table',
      layers: ['air-quality'],
      filters: {
        kinds: ['lighting'],
        hiddenDistricts: ['hoa-thanh'],
        ward: 'tan-ninh',
        state: 'abnormal',
        query: 'đèn & cột #3',
      },
      own: { by: 'Trần Thị B & C', from: '2026-11-25T07:30' },
      kiosk: true,
    }
    expect(parsePlace(formatPlace(place))).toEqual(place)
    const nothing: Place = { layers: [], filters: { ...noFilters, kinds: [] } }
    expect(parsePlace(formatPlace(nothing))).toEqual(nothing)
  })

  it('says nothing of what is as it is for everybody', () => {
    expect(formatPlace({ section: 'map', layers: defaultLayers, filters: noFilters })).toBe('')
  })

  it('keeps the moment of a replay, in words a person can read', () => {
    const at = Date.UTC(2026, 10, 25, 1, 2, 3)
    expect(formatPlace({ at, filters: noFilters })).toBe('#at=2026-11-25T01:02:03Z')
    expect(parsePlace('#at=2026-11-25T01:02:03Z')).toEqual({ at, filters: noFilters })
  })

  it('leaves out what it does not understand', () => {
    const nothing = { filters: noFilters }
    expect(parsePlace('#map=a/b/c&sensor=<b>&view=x&layers=x&kinds=&ward=<&state=odd&without=')).toEqual(nothing)
    expect(parsePlace('#map=12/95/106')).toEqual(nothing)
    expect(parsePlace('#map=12')).toEqual(nothing)
    expect(parsePlace('#at=yesterday')).toEqual(nothing)
  })
})

describe('a chart', () => {
  it('has a gap where readings are missing and none where they are not', () => {
    const points = [0, 300_000, 600_000, 3_000_000].map((ts) => ({ ts, value: 1 }))
    const drawn = withGaps(points, gapLimit(5, 300_000))
    expect(drawn.map(({ value }) => value)).toEqual([1, 1, 1, null, 1])
  })

  it('bridges three periods of a slow sensor', () => {
    expect(gapLimit(900, 300_000)).toBe(2_700_000)
  })

  it('marks a value that no line reaches', () => {
    expect(isolated([5, null, 6, 7, null, 8, undefined, null, undefined, 9])).toEqual([0, 5, 9])
    expect(isolated([5, undefined, 6])).toBeNull()
    expect(isolated([])).toBeNull()
  })

  it('joins both series on one axis in order of time', () => {
    const joined = joinSeries(
      [
        { ts: 1_000, value: 1 },
        { ts: 3_000, value: null },
      ],
      [{ ts: 2_000, value: 5 }],
    )
    expect(joined).toEqual([
      [1, 2, 3],
      [1, undefined, null],
      [undefined, 5, undefined],
    ])
  })
})

describe('the server clock', () => {
  it('trusts the message that was fastest on its way', () => {
    const clock = new ServerClock(() => 1_000)
    clock.observe(5_900)
    clock.observe(5_990)
    clock.observe(5_400)
    expect(clock.now()).toBe(5_990)
  })

  it('has a 95th percentile of latencies by nearest rank', () => {
    const latencies = new LatencyWindow()
    expect(latencies.p95()).toBeUndefined()
    for (let ms = 1; ms <= 100; ms++) latencies.add({ ts: 0, arrivedAt: 0 }, ms)
    expect(latencies.p95()).toBe(95)
  })

  it('counts a latency from measuring on, and what waited in its device apart', () => {
    const latencies = new LatencyWindow()
    latencies.add({ ts: 1_000, arrivedAt: 1_400 }, 1_500)
    latencies.add({ ts: 1_000, arrivedAt: 60_000 }, 60_100)
    // a clock that is a little ahead
    latencies.add({ ts: 1_600, arrivedAt: 1_400 }, 1_500)
    expect([latencies.p95(), latencies.waited]).toEqual([500, 1])
    latencies.clear()
    expect([latencies.p95(), latencies.waited]).toEqual([undefined, 0])
  })
})

describe('the registry of sensors', () => {
  const reading = (ts: number, pm25: number): Reading => ({
    kind: 'air-quality',
    district: 'tay-ninh',
    sensor: 'a-1',
    ts,
    values: { pm25 },
  })

  it('keeps the newest reading when an older one comes late', () => {
    const registry = new SensorRegistry()
    registry.mergeReading({ reading: reading(2_000_000, 20), arrivedAt: 2_000_000 })
    registry.mergeReading({ reading: reading(1_000_000, 99), arrivedAt: 3_000_000 })
    expect(registry.get('a-1')?.reading?.ts).toBe(2_000_000)
  })

  it('forgets what a snapshot does not name', () => {
    const registry = new SensorRegistry()
    registry.mergeReading({ reading: reading(2_000_000, 20), arrivedAt: 2_000_000 })
    registry.replaceAll([])
    expect(registry.size).toBe(0)
  })

  it('counts sensors by freshness, and those that are abnormal, which only fresh ones are', () => {
    const registry = new SensorRegistry()
    const station = (sensor: string, ts: number, pm25: number) =>
      registry.mergeReading({ reading: { ...reading(ts, pm25), sensor }, arrivedAt: ts })
    station('a-1', at, 20)
    station('a-2', at, 80)
    station('a-3', at, 182)
    station('a-4', at - 600_000, 182)
    registry.setStatus({ id: 'a-5', district: 'tay-ninh', kind: 'air-quality', connection: 'offline' })
    registry.setStatus({ id: 'a-6', district: 'tay-ninh', kind: 'air-quality' })
    const counts = { fresh: 3, stale: 1, offline: 1, waiting: 1, abnormal: 2 }
    expect(registry.counts(at)).toEqual(counts)
  })

  it('tells of a new place only when a sensor comes or its meta does', () => {
    const registry = new SensorRegistry()
    const told: [string, boolean][] = []
    registry.listen({ reset: () => {}, changed: (id, moved) => told.push([id, moved]) })
    registry.mergeReading({ reading: reading(1_000_000, 20), arrivedAt: 1_000_000 })
    registry.mergeReading({ reading: reading(2_000_000, 20), arrivedAt: 2_000_000 })
    registry.setStatus({ id: 'a-1', district: 'tay-ninh', kind: 'air-quality', connection: 'online' })
    expect(told).toEqual([
      ['a-1', true],
      ['a-1', false],
      ['a-1', false],
    ])
  })

  it('shows no severity for a sensor whose reading is old', () => {
    const registry = new SensorRegistry()
    registry.mergeReading({ reading: reading(at, 182), arrivedAt: at })
    registry.advance(at + 180_000)
    expect(registry.standing('a-1')).toEqual({ freshness: 'fresh', severity: 3, finding: { cause: 'pm25' } })
    registry.advance(at + 180_001)
    expect(registry.standing('a-1')).toEqual({ freshness: 'stale' })
  })
})

describe('the order of sensors', () => {
  const station = (id: string, pm25?: number): SensorState => ({
    id,
    district: 'tay-ninh',
    kind: 'air-quality',
    ...(pm25 === undefined
      ? {}
      : { reading: { kind: 'air-quality', district: 'tay-ninh', sensor: id, ts: at - pm25, values: { pm25 } } }),
  })
  const byName = [station('a', 30), station('b'), station('c', 182), station('d', 182), station('e', 80)]
  const registry = new SensorRegistry()
  registry.replaceAll(byName)
  registry.setAlerts(
    new Map([
      ['c', 1],
      ['d', 1],
    ]),
  )
  registry.advance(at)
  const ranks: Ranks = {
    standing: ({ id }) => registry.standing(id),
    district: () => 0,
    ward: () => -1,
  }
  const ordered = (...[column, descending]: [Parameters<typeof orderSensors>[1], boolean]) =>
    orderSensors(byName, column, descending, ranks)
      .map(({ id }) => id)
      .join('')

  it('has the worst on top, and equal ones in order of name whichever the direction', () => {
    expect(ordered('level', true)).toBe('cdeab')
    expect(ordered('level', false)).toBe('abecd')
    expect(ordered('district', true)).toBe('abcde')
  })

  it('follows values, ages and names, and puts what has none at the low end', () => {
    expect(ordered('value', false)).toBe('baecd')
    expect(ordered('age', false)).toBe('aecdb')
    expect(ordered('name', true)).toBe('edcba')
    expect(ordered('state', true)).toBe('bacde')
  })
})

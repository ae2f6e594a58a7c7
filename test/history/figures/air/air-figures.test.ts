import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { windowsOf } from '#history/calendar.ts'
import { airFigures, leadHours } from '#history/figures/air/air-figures.ts'
import { hourGrid } from '#history/figures/hour-grid.ts'
import type { Membership } from '#history/members.ts'
import { spanOf } from '#history/time-buckets.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { AirStandard } from '#telemetry/air-standards.ts'
import type { FigureWindow } from '#telemetry/figures/figure-windows.ts'
import { type StoreServer, storeKinds } from '../../../storage/store-kinds.ts'
import { dayMs, december, hourMs, january, month, plantMonth } from './air-month.ts'

const zone = 'Asia/Ho_Chi_Minh'
const one: Membership = { groups: [{ id: 'aq-1', sensors: ['aq-1'] }], members: [{ sensor: 'aq-1', group: 0 }] }
const both: Membership = {
  groups: [{ id: 'tay-ninh', sensors: ['aq-1', 'aq-2'] }],
  members: [
    { sensor: 'aq-1', group: 0 },
    { sensor: 'aq-2', group: 0 },
  ],
}

describe.each(storeKinds)('figures of a month of air in $name', ({ isThere, start }) => {
  if (!isThere()) return
  let folder: string
  let server: StoreServer
  let store: TelemetryStore
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-air-'))
    server = await start()
    store = await server.open(folder, 'air')
    await plantMonth(store)
  })
  afterAll(async () => {
    await store?.close()
    await server?.close()
    await rm(folder, { recursive: true })
  })

  const ask = (
    membership: Membership,
    window: FigureWindow,
    { from, to, standard = 'qcvn', now = month.to }: { from: number; to: number; standard?: AirStandard; now?: number },
  ) => {
    const windows = windowsOf(window, zone, { from, to })
    const grid = hourGrid(zone, spanOf(windows), leadHours, now)
    const names = { isSimulated: (sensor: string) => sensor === 'aq-2', nameOf: () => undefined }
    return airFigures(store, { ...{ membership, window, windows, grid, zone, now, standard }, ...names })
  }
  /** asked once for several tests */
  const answers = new Map<string, ReturnType<typeof ask>>()
  const only = async (...asked: Parameters<typeof ask>) => {
    const key = JSON.stringify(asked)
    const answer = answers.get(key) ?? ask(...asked)
    answers.set(key, answer)
    const { groups } = await answer
    if (!groups[0]) throw new Error('there is no group')
    return groups[0]
  }

  it('are the daily index of each day, and days per band', async () => {
    const { buckets, bands, ...group } = await only(one, '1d', month)
    expect([group.id, group.sensors, group.simulated, buckets.length]).toEqual(['aq-1', 1, 0, 31])
    const indexOf = (day: number) => buckets.find(({ start }) => start === day)?.aqi
    // PM2.5 20: 40; 48: 96; 52: 100 + 50·2/30; 70: 100 + 50·20/30; 50: 100
    expect([16, 20, 21, 22].map((day) => indexOf(december(day))?.index)).toEqual([40, 96, 103, 133])
    // NO₂ 260 in one hour: 100 + 50·60/500; O₃ 130 over 8 h: 100 + 50·10/50
    expect(indexOf(december(25))).toMatchObject({ index: 106, worst: 'no2', parts: { pm25: { subIndex: 40 } } })
    expect(indexOf(december(26))).toMatchObject({ index: 110, worst: 'o3', parts: { o3: { over: '8h' } } })
    expect([5, 6, 8, 9].map((day) => indexOf(january(day))?.index)).toEqual([96, undefined, undefined, 100])
    expect(indexOf(january(6))?.none).toEqual({ code: 'TOO_FEW_HOURS', params: { complete: 17, needed: 18, of: 24 } })
    expect(indexOf(january(8))?.none).toEqual({ code: 'NO_PARTICULATES', params: {} })
    const none = { 'very-unhealthy': 0, unhealthy: 0, hazardous: 0 }
    expect(bands).toEqual({ ...none, good: 22, moderate: 3, sensitive: 4, none: 2 })
  })

  it('are exceedances of the limits in force on each day, with their episodes', async () => {
    const { limits, buckets } = await only(one, '1d', month)
    const limitOf = (pollutant: string, period: string) =>
      limits.find((each) => each.pollutant === pollutant && each.period === period)
    expect(limitOf('pm25', '24h')).toEqual({
      ...{ pollutant: 'pm25', period: '24h', judged: 29, of: 31, exceedances: 4, days: 4, moreEpisodes: 0 },
      limits: [
        { limit: 50, until: '2026-01-01' },
        { limit: 45, from: '2026-01-01' },
      ],
      highest: { start: december(22), end: december(23), mean: 70 },
      episodes: [
        { start: december(21), end: december(23), exceedances: 2, highest: 70, over: 20, limit: 50 },
        { start: january(5), end: january(6), exceedances: 1, highest: 48, over: 3, limit: 45 },
        { start: january(9), end: january(10), exceedances: 1, highest: 50, over: 5, limit: 45 },
      ],
    })
    const hours = 31 * 24 - 7
    expect(limitOf('no2', '1h')).toMatchObject({
      ...{ judged: hours, of: 31 * 24, exceedances: 2, days: 1 },
      episodes: [
        {
          ...{ start: december(25) + 10 * hourMs, end: december(25) + 12 * hourMs },
          ...{ exceedances: 2, highest: 260, over: 60, limit: 200 },
        },
      ],
    })
    // 60 + 70·7/8 = 121.25 with seven of the eight hours, 130 with all
    expect(limitOf('o3', '8h')).toMatchObject({
      ...{ exceedances: 3, days: 1 },
      episodes: [
        { start: december(26) + 17 * hourMs, end: december(26) + 20 * hourMs, exceedances: 3, highest: 130, over: 10 },
      ],
    })
    // the first seven hours have too few before them, two of which would do
    expect(limitOf('o3', '8h')?.of).toBe(31 * 24)
    expect(limitOf('o3', '1h')).toMatchObject({ exceedances: 0, episodes: [], highest: { mean: 130 } })
    expect(limitOf('pm25', '1y')).toBeUndefined()
    const found = buckets.filter(({ exceedances }) => exceedances).map(({ start, exceedances }) => [start, exceedances])
    expect(found).toEqual([
      [december(21), [{ pollutant: 'pm25', period: '24h', count: 1 }]],
      [december(22), [{ pollutant: 'pm25', period: '24h', count: 1 }]],
      [december(25), [{ pollutant: 'no2', period: '1h', count: 2 }]],
      [december(26), [{ pollutant: 'o3', period: '8h', count: 3 }]],
      [january(5), [{ pollutant: 'pm25', period: '24h', count: 1 }]],
      [january(9), [{ pollutant: 'pm25', period: '24h', count: 1 }]],
    ])
  })

  it('say what was corrected and left out', async () => {
    const { buckets, corrected, excluded } = await only(one, '1d', month)
    expect({ corrected, excluded }).toEqual({ corrected: 192, excluded: { invalid: 96 } })
    const stateOn = (day: number) => {
      const bucket = buckets.find(({ start }) => start === day)
      return [bucket?.corrected, bucket?.excluded]
    }
    expect(stateOn(january(7))).toEqual([undefined, undefined])
    expect(stateOn(january(8))).toEqual([96, { invalid: 96 }])
    expect(stateOn(january(9))).toEqual([96, undefined])
  })

  it('are judged by WHO 2021 as a second view', async () => {
    const { limits } = await only(one, '1d', { ...month, standard: 'who' })
    // O₃: 60 + 70·k/8 is above 100 with five of the eight hours: four hours while it rises, three while it falls
    expect(limits.map(({ pollutant, period, exceedances }) => [pollutant, period, exceedances])).toEqual([
      ['pm25', '24h', 29],
      ['o3', '8h', 7],
      ['no2', '24h', 30],
    ])
  })

  it('of a district are of the mean of its stations, with the worst of them beside it', async () => {
    const { buckets, bands, sensors, simulated } = await only(both, '1d', month)
    expect([sensors, simulated]).toEqual([2, 1])
    const on = (day: number) => buckets.find(({ start }) => start === day)
    // (20 + 30) / 2 = 25: 50; aq-2 alone: 30: 60
    expect(on(december(16))).toMatchObject({
      aqi: { index: 50, parts: { pm25: { concentration: 25, hours: 24 } } },
      highest: { sensor: 'aq-2', index: 60, worst: 'pm25' },
    })
    expect(on(december(22))).toMatchObject({ aqi: { index: 100 }, highest: { sensor: 'aq-1', index: 133 } })
    // aq-2 alone has a mean
    expect(on(january(8))).toMatchObject({ aqi: { index: 60 }, highest: { sensor: 'aq-2' } })
    expect(bands?.none).toBe(0)
  })

  it('of a ward are of the stations that were there then', async () => {
    const moved: Membership = {
      groups: [
        { id: 'long-hoa', sensors: ['aq-1', 'aq-2'] },
        { id: 'ward-2', sensors: ['aq-2'] },
      ],
      members: [
        { sensor: 'aq-1', group: 0 },
        { sensor: 'aq-2', group: 0, to: january(1) },
        { sensor: 'aq-2', group: 1, from: january(1) },
      ],
    }
    const { groups } = await ask(moved, '1d', month)
    const [first, second] = groups
    const on = (group: typeof first, day: number) => group?.buckets.find(({ start }) => start === day)
    expect(on(first, december(31))?.aqi?.parts.pm25?.concentration).toBe(25)
    expect(on(first, january(1))).toMatchObject({ aqi: { index: 40 }, highest: { sensor: 'aq-1' } })
    expect(on(second, december(31))?.aqi?.none).toEqual({ code: 'NO_READINGS', params: { hours: 24 } })
    expect(on(second, january(1))?.aqi?.index).toBe(60)
  })

  it('are the hourly index of each hour, with hours of the day before', async () => {
    const { buckets } = await only(one, '1h', { from: december(25) + 9 * hourMs, to: december(25) + 13 * hourMs })
    expect(buckets.map(({ aqi }) => aqi?.index)).toEqual([40, 101, 106, 100])
    expect(buckets[2]?.aqi?.parts).toMatchObject({
      pm25: { over: 'nowcast', concentration: 20, hours: 12, of: 12 },
      no2: { over: '1h', concentration: 260 },
    })
    expect(buckets[1]?.exceedances).toEqual([{ pollutant: 'no2', period: '1h', count: 1 }])
  })

  it('of months are days per band and means of days', async () => {
    const { buckets, bands } = await only(one, '1mo', month)
    expect(buckets.map(({ start, end, partial }) => [start, end, partial])).toEqual([
      [december(1), january(1), undefined],
      [january(1), january(32), true],
    ])
    expect(buckets[0]?.bands).toMatchObject({ good: 11, moderate: 1, sensitive: 4, none: 15 })
    expect(buckets[1]?.bands).toMatchObject({ good: 11, moderate: 2, sensitive: 0, none: 2 })
    expect(bands).toMatchObject({ good: 22, none: 17 })
    // 13 days of 20, one each of 48, 52 and 70
    expect(buckets[0]?.means?.pm25).toEqual({ mean: (13 * 20 + 48 + 52 + 70) / 16, days: 16, of: 31 })
  })

  it('judge a year that is over by the means of its days, of which it needs 75 %', async () => {
    const year = { from: january(1), to: january(2), now: january(366), standard: 'who' } as const
    const { limits } = await only(one, '1y', year)
    expect(limits.find(({ pollutant, period }) => pollutant === 'pm25' && period === '1y')).toMatchObject({
      ...{ judged: 0, of: 1, exceedances: 0, episodes: [] },
    })
    const notOver = await only(one, '1y', { ...year, now: month.to })
    expect(notOver.limits.filter(({ period, of }) => period === '1y' && of > 0)).toEqual([])
    expect(notOver.buckets[0]).toMatchObject({ partial: true, means: { pm25: { days: 13 } } })
  })

  it('end with the newest hour that is over', async () => {
    const now = january(2) + 19.5 * hourMs
    const { asOf, groups } = await ask(one, '1d', { from: january(1), to: january(4), now })
    expect(asOf).toBe(january(2) + 19 * hourMs)
    const [first, second, third] = groups[0]?.buckets ?? []
    expect(first).toMatchObject({ aqi: { index: 40 } })
    expect(first?.partial).toBeUndefined()
    // 19 of 24 hours are enough for an index, but the day is not counted
    expect(second).toMatchObject({ partial: true, aqi: { index: 40, parts: { pm25: { hours: 19, of: 24 } } } })
    expect(third).toEqual({ start: january(3), end: january(4), partial: true })
    expect(groups[0]?.bands).toMatchObject({ good: 1, none: 0 })
    expect(groups[0]?.limits.find(({ period }) => period === '24h')).toMatchObject({ judged: 1, of: 1 })
  })

  it('are the same once hours are rolled up', async () => {
    const before = await ask(both, '1d', month)
    while ((await store.upkeep({ until: month.to + dayMs, maxReadings: 100_000 })).more);
    expect(await ask(both, '1d', month)).toEqual(before)
  })
})

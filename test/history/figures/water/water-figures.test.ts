import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { windowsOf } from '#history/calendar.ts'
import { hourGrid } from '#history/figures/hour-grid.ts'
import { leadHours, waterFigures } from '#history/figures/water/water-figures.ts'
import type { Membership } from '#history/members.ts'
import { spanOf } from '#history/time-buckets.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { FigureWindow } from '#telemetry/figures/figure-windows.ts'
import { type StoreServer, storeKinds } from '../../../storage/store-kinds.ts'

const zone = 'Asia/Ho_Chi_Minh'
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** 1 October 2026, 0:00 in the districts; five days that are over */
const from = Date.UTC(2026, 8, 30, 17)
const to = from + 5 * dayMs
const at = (day: number, hour: number, minute = 0) => from + (day - 1) * dayMs + hour * hourMs + minute * minuteMs

/**
 * m at wl-1, each ten minutes: 1.00, but on 2 October a wave from 10:30, when it is 1.00, to 11:30, when it is 1.60, evenly; it stays
 * until 13:00, then rises by 0.30 in each hour to 2.80 at 17:00, stays until 20:00 and is at 1.00 from then on.
 */
function levelAt(ts: number): number {
  const cm = (() => {
    if (ts <= at(2, 10, 30) || ts >= at(2, 20)) return 100
    if (ts <= at(2, 11, 30)) return 100 + (ts - at(2, 10, 30)) / minuteMs
    if (ts <= at(2, 13)) return 160
    if (ts <= at(2, 17)) return 160 + (30 * (ts - at(2, 13))) / hourMs
    return 280
  })()
  return Math.round(cm) / 100
}

const gauges: Membership = {
  groups: [{ id: 'tay-ninh', sensors: ['wl-1', 'wl-2', 'wl-3'] }],
  members: ['wl-1', 'wl-2', 'wl-3'].map((sensor) => ({ sensor, group: 0 })),
}
const one: Membership = { groups: [{ id: 'wl-1', sensors: ['wl-1'] }], members: [{ sensor: 'wl-1', group: 0 }] }
const warningLevels = new Map([
  ['wl-1', { 1: 1.6, 2: 2.2, 3: 3 }],
  ['wl-2', { 1: 5, 2: 5.5 }],
])

describe.each(storeKinds)('figures of water in $name', ({ isThere, start }) => {
  if (!isThere()) return
  let folder: string
  let server: StoreServer
  let store: TelemetryStore
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-water-'))
    server = await start()
    store = await server.open(folder, 'water')
    const station = { district: 'tay-ninh', kind: 'water-level' } as const
    const times = Array.from({ length: (to - from) / (10 * minuteMs) }, (_, index) => from + index * 10 * minuteMs)
    await store.write(
      times.flatMap((ts) => [
        { ...station, sensor: 'wl-1', ts, values: { level: levelAt(ts) } },
        // another zero: higher than wl-1, and nearer to its own báo động I most of the time
        { ...station, sensor: 'wl-2', ts, values: { level: ts === at(4, 6) ? 5.4 : 4.9 } },
        { ...station, sensor: 'wl-3', ts, values: { level: 9 } },
      ]),
    )
    await store.appendEvents(
      ['wl-1', 'wl-2', 'wl-3'].map((sensor) => ({
        ...{ stream: 'period', id: `period-${sensor}`, ts: from, body: { sensor, seconds: 600 } },
      })),
    )
  })
  afterAll(async () => {
    await store?.close()
    await server?.close()
    await rm(folder, { recursive: true })
  })

  const ask = (membership: Membership, window: FigureWindow, span = { from, to }, now = to) => {
    const windows = windowsOf(window, zone, span)
    const grid = hourGrid(zone, spanOf(windows), leadHours, now)
    const names = { isSimulated: () => false, nameOf: () => undefined }
    const levels = { warningLevelsOf: (sensor: string) => warningLevels.get(sensor) ?? {} }
    return waterFigures(store, { ...{ membership, window, windows, grid, zone, now }, ...names, ...levels })
  }
  const only = async (...asked: Parameters<typeof ask>) => {
    const { groups } = await ask(...asked)
    if (!groups[0]) throw new Error('there is no group')
    return groups[0]
  }

  it('are the peak and its time, and the hours at or above each warning level', async () => {
    const { peak, lowest, above, hours, of, gauges: named, buckets } = await only(one, '1d')
    expect(named).toEqual([{ sensor: 'wl-1', warningLevels: { 1: 1.6, 2: 2.2, 3: 3 } }])
    expect(peak).toEqual({ sensor: 'wl-1', level: 2.8, at: at(2, 17), aboveWarning1: 1.2 })
    expect([lowest, hours, of]).toEqual([1, 120, 120])
    // at 1.60 from 11:30, at 2.20 from 15:00, until 20:00
    expect(above).toEqual([
      { warning: 1, hours: 8.5, sensor: 'wl-1', gauges: 1, of: 1 },
      { warning: 2, hours: 5, sensor: 'wl-1', gauges: 1, of: 1 },
      { warning: 3, hours: 0, gauges: 0, of: 1 },
    ])
    expect(buckets.map(({ above: found }) => found.map((each) => each.hours))).toEqual([
      [0, 0, 0],
      [8.5, 5, 0],
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ])
    expect(buckets[1]?.peak?.at).toBe(at(2, 17))
    expect(buckets[0]?.peak).toMatchObject({ level: 1, at: from, aboveWarning1: -0.6 })
  })

  it('are the largest rise between two readings within an hour, three hours and a day', async () => {
    const { rises, buckets } = await only(one, '1d')
    expect(rises).toEqual([
      {
        ...{ sensor: 'wl-1', within: 1, rise: 0.6 },
        ...{ from: { at: at(2, 10, 30), level: 1 }, to: { at: at(2, 11, 30), level: 1.6 } },
      },
      {
        ...{ sensor: 'wl-1', within: 3, rise: 0.9 },
        ...{ from: { at: at(2, 13), level: 1.6 }, to: { at: at(2, 16), level: 2.5 } },
      },
      {
        ...{ sensor: 'wl-1', within: 24, rise: 1.8 },
        // any of the levels of 1.00 before
        ...{ from: { at: expect.any(Number), level: 1 }, to: { at: at(2, 17), level: 2.8 } },
      },
    ])
    expect(buckets.map((bucket) => bucket.rises?.map(({ rise }) => rise))).toEqual([[], [0.6, 0.9, 1.8], [], [], []])
  })

  it('of a district are those of the gauge that stands out, for gauges have zeros of their own', async () => {
    const { peak, lowest, above, rises, hours, of } = await only(gauges, '1d')
    expect(peak).toEqual({ sensor: 'wl-1', level: 2.8, at: at(2, 17), aboveWarning1: 1.2 })
    expect([lowest, hours, of]).toEqual([undefined, 360, 360])
    expect(above).toEqual([
      { warning: 1, hours: 8.5, sensor: 'wl-1', gauges: 2, of: 2 },
      { warning: 2, hours: 5, sensor: 'wl-1', gauges: 1, of: 2 },
      { warning: 3, hours: 0, gauges: 0, of: 1 },
    ])
    expect(rises?.map(({ sensor, rise }) => [sensor, rise])).toEqual([
      ['wl-1', 0.6],
      ['wl-1', 0.9],
      ['wl-1', 1.8],
    ])
    const { buckets } = await only(gauges, '1d')
    expect(buckets[3]?.peak).toEqual({ sensor: 'wl-2', level: 5.4, at: at(4, 6), aboveWarning1: 0.4 })
    expect(buckets[0]?.peak).toMatchObject({ sensor: 'wl-2', aboveWarning1: -0.1 })
  })

  it('of hours have the peak of each, and the rise of all of them', async () => {
    const { buckets, rises } = await only(one, '1h', { from: at(2, 14), to: at(2, 18) })
    expect(buckets.map(({ peak }) => peak?.level)).toEqual([2.15, 2.45, 2.75, 2.8])
    expect(buckets[3]).toMatchObject({ lowest: 2.8, mean: 2.8, hours: 1, of: 1 })
    expect(buckets[0]?.rises).toBeUndefined()
    // one that began before the span
    expect(rises?.map(({ rise }) => rise)).toEqual([0.3, 0.9, 1.8])
  })

  it('say nothing of what is not over, and of a gauge that was not there', async () => {
    const now = at(3, 5, 30)
    const { asOf, groups } = await ask(one, '1d', { from: at(3, 0), to: at(5, 0) }, now)
    expect(asOf).toBe(at(3, 5))
    expect(groups[0]?.buckets).toMatchObject([
      { partial: true, hours: 5, of: 5 },
      { partial: true, hours: 0, of: 0 },
    ])
    const moved: Membership = { ...one, members: [{ sensor: 'wl-1', group: 0, from: at(2, 18) }] }
    const { peak, above, of } = await only(moved, '1mo')
    expect(peak).toMatchObject({ level: 2.8, at: at(2, 18) })
    expect([above[1]?.hours, of]).toEqual([2, 78])
    const nobody: Membership = { groups: [{ id: 'x', sensors: ['x'] }], members: [{ sensor: 'x', group: 0 }] }
    expect(await only(nobody, '1d', { from, to: from + dayMs })).toMatchObject({
      above: [],
      hours: 0,
      rises: [],
    })
  })

  it('leave out what was corrected to be invalid', async () => {
    await store.putCorrections({
      ...{ kind: 'water-level', sensor: 'wl-3', from: at(1, 0), to: at(2, 0) },
      segments: [{ value: 'level', from: at(1, 0), to: at(1, 12), exclusion: 'invalid', factor: 1, offset: 0 }],
    })
    const third: Membership = { groups: [{ id: 'wl-3', sensors: ['wl-3'] }], members: [{ sensor: 'wl-3', group: 0 }] }
    expect(await only(third, '1d', { from, to: from + dayMs })).toMatchObject({
      ...{ corrected: 72, excluded: { invalid: 72 }, hours: 12, of: 24 },
      peak: { level: 9, at: at(1, 12) },
    })
  })
})

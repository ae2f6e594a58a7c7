import { expect, it } from 'vitest'
import { loadCity } from '#city/city.ts'
import { waterLevelAt } from '#simulators/kinds/water-level/values.ts'
import { placeSensors, simulatedCity } from '#simulators/placement.ts'
import { dayMs, hourMs, minuteMs } from '#telemetry/durations.ts'
import { contains, distanceToLine } from '#telemetry/geometry.ts'
import { waterLevel } from '#telemetry/kinds/water-level/kind.ts'

const seed = 1
/** Monday 12 January 2026, 00:00 in Tây Ninh */
const monday = Date.UTC(2026, 0, 11, 17)
const city = await loadCity()
const all = simulatedCity(city, { count: 200, samples: true, seed })
const gauges = all.filter(({ kind }) => kind === 'water-level')
const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length

/** What all gauges measure on average at a time. */
const water = (ts: number) => mean(gauges.map((gauge) => waterLevelAt(gauge, ts, seed).level ?? 0))

it('a dozen gauges come on top of the sensors that are counted, which stay as they are', () => {
  expect(gauges).toHaveLength(12)
  expect(all.filter(({ kind }) => kind !== 'water-level')).toEqual(placeSensors(city, 200, seed))
  for (const plan of [
    { count: 200, samples: false },
    { count: 0, samples: true },
  ])
    expect(simulatedCity(city, { ...plan, seed })).toHaveLength(plan.count)
})

it('they stand at the creek and the canals of the sketch, in both districts, and are called samples', () => {
  for (const { district, meta } of gauges) {
    const outline = city.districts.find(({ id }) => id === district)?.outline ?? []
    expect(contains(outline, meta.position)).toBe(true)
    expect(Math.min(...city.waterways.map(({ line }) => distanceToLine(line, meta.position)))).toBeLessThan(15)
    expect(meta.name.vi).toMatch(/^Trạm thủy văn mẫu (Rạch Tây Ninh|Kênh Tây|Kênh tiêu Hòa Thành) – \d$/)
    expect(meta.name.en).toMatch(/^Sample gauge /)
  }
  expect(new Set(gauges.map(({ district }) => district)).size).toBe(2)
  expect(new Set(gauges.map(({ meta }) => meta.name.vi)).size).toBe(12)
})

it('each has warning levels of its own, one above the other', () => {
  for (const { meta } of gauges) {
    const { warningLevel1: first = 0, warningLevel2: second = 0, warningLevel3: third = 0 } = meta
    expect([first, second, third]).toEqual([first, second, third].toSorted((a, b) => a - b))
    expect(third - first).toBeGreaterThan(0.5)
  }
})

it('what they say is valid and believed over two months, and now and then at a warning level', () => {
  let [at, warned] = [0, 0]
  for (const gauge of gauges)
    for (let ts = monday; ts < monday + 60 * dayMs; ts += 3 * hourMs + 1_234) {
      const values = waterLevelAt(gauge, ts, seed)
      expect(waterLevel.schema.parse(values)).toEqual(values)
      expect(waterLevel.isPlausible(values, gauge.meta)).toBe(true)
      at += 1
      if (waterLevel.finding(values, gauge.meta, ts)) warned += 1
    }
  expect(warned / at).toBeGreaterThan(0)
  expect(warned / at).toBeLessThan(0.05)
})

it('the water of a dry day goes up and down about twice, and no faster than a tide', () => {
  const day = Array.from({ length: 24 }, (_, n) => monday + n * hourMs).map((ts) => ts)
  const [gauge] = gauges
  if (!gauge) throw new Error('there is no gauge')
  const levels = day.map((ts) => waterLevelAt(gauge, ts, seed).level ?? 0)
  expect(Math.max(...levels) - Math.min(...levels)).toBeGreaterThan(0.3)
  const turns = levels.filter((level, n) => {
    const [before, after] = [levels[n - 1], levels[n + 1]]
    return before !== undefined && after !== undefined && level > before && level > after
  })
  expect(turns.length).toBeGreaterThanOrEqual(1)
  expect(turns.length).toBeLessThanOrEqual(3)
})

it('rain raises it for hours', () => {
  const rain = (ts: number) => mean(gauges.map((gauge) => waterLevelAt(gauge, ts, seed).rainfall ?? 0))
  const hours = Array.from({ length: 24 * 60 }, (_, n) => monday + n * hourMs)
  const storm = hours.reduce((worst, ts) => (rain(ts) > rain(worst) ? ts : worst))
  expect(rain(storm)).toBeGreaterThan(20)
  // a tide later, so that it is not the tide that is seen
  const tide = 12.42 * hourMs
  const raised = [2, 3, 4].map((hour) => water(storm + hour * hourMs) - water(storm + hour * hourMs - tide))
  expect(Math.max(...raised)).toBeGreaterThan(0.1)
  expect(rain(storm + 30 * minuteMs)).toBeGreaterThanOrEqual(0)
})

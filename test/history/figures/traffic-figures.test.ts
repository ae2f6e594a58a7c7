import { expect, it } from 'vitest'
import { answerTraffic, type TrafficRequest } from '#history/figures/traffic/answer-traffic.ts'
import { ReportingSteps } from '#storage/reporting-steps.ts'
import type { Reading } from '#telemetry/reading.ts'
import { localTime, onEachStore, rollUp } from './figure-stores.ts'

const minute = 60_000

const factors = { motorbikes: 0.3, cars: 1, buses: 2.5, trucks: 2.5 }
const wednesday = '2026-11-18'
const saturday = '2026-11-21'
const now = localTime('2026-11-23')

type Counted = [motorbikes: number, cars: number, buses: number, trucks: number]

/** Six readings of ten minutes each, alike. */
function hourOf(sensor: string, from: number, counted: Counted, averageVehicleSpeed: number): Reading[] {
  const [motorbikes, cars, buses, trucks] = counted
  const intensity = motorbikes + cars + buses + trucks
  const values = { intensity, motorbikes, cars, buses, trucks, averageVehicleSpeed }
  const at = (index: number) => from + index * 10 * minute
  return [0, 1, 2, 3, 4, 5].map((index) => ({
    ...{ district: 'tay-ninh', sensor, ts: at(index), kind: 'traffic', values: { ...values } },
  }))
}

const readings: Reading[] = [
  ...hourOf('c-1', localTime(wednesday, 7), [80, 15, 2, 3], 25),
  ...hourOf('c-1', localTime(wednesday, 8), [40, 5, 2, 3], 40),
  ...hourOf('c-1', localTime(saturday, 10), [20, 8, 1, 1], 50),
  // a night of which the 85th percentile is 30 + 0.5 × (0.85 × 59), and one morning
  ...Array.from({ length: 60 }, (_, index): Reading => {
    const values = { averageVehicleSpeed: 30 + index / 2 }
    return {
      district: 'tay-ninh',
      sensor: 'c-2',
      ts: localTime(wednesday, 22) + index * minute,
      kind: 'traffic',
      values,
    }
  }),
  ...hourOf('c-2', localTime('2026-11-19', 7), [1, 1, 1, 1], 27.5375),
]

const steps = new ReportingSteps(
  ['c-1', 'c-2'].map((sensor) => ({ sensor, seconds: 600, ts: localTime('2026-11-01') })),
  [],
)

const request = (changes: Partial<TrafficRequest> = {}): TrafficRequest => ({
  membership: {
    groups: [{ id: 'r-1', sensors: ['c-1', 'c-2'] }],
    members: [
      { sensor: 'c-1', group: 0 },
      { sensor: 'c-2', group: 0 },
    ],
  },
  ...{ from: localTime(wednesday), to: localTime('2026-11-22'), window: undefined, zone: 'Asia/Ho_Chi_Minh' },
  ...{ freeFlow: 'meta', factors, steps, now },
  nameOf: (group) => ({ vi: group, en: group }),
  factsOf: (sensor) => ({ isSimulated: false, ...(sensor === 'c-1' && { freeFlowSpeed: 50 }) }),
  ...changes,
})
const only = (sensor: string): Pick<TrafficRequest, 'membership'> => ({
  membership: { groups: [{ id: sensor, sensors: [sensor] }], members: [{ sensor, group: 0 }] },
})

onEachStore(
  'traffic figures',
  (store) => store.write(readings).then(() => {}),
  (opened) => {
    it('are vehicles and passenger-car units per hour, of which each reading is of its own period', async () => {
      const { groups } = await answerTraffic(opened(), request({ ...only('c-1'), window: '1h' }))
      const series = groups[0]?.series?.filter(({ readings: found }) => found > 0)
      expect(series).toHaveLength(3)
      expect(series?.[0]).toEqual({
        ...{ start: localTime(wednesday, 7), end: localTime(wednesday, 8) },
        ...{ readings: 6, vehicles: 600, vehiclesPerHour: 600, coverage: 1 },
        // 6 × (80 × 0.3 + 15 + 2 × 2.5 + 3 × 2.5)
        passengerCarUnitsPerHour: 309,
        // exactly half of the free-flow speed of 50 km/h is D, and not jammed yet
        ...{ averageSpeed: 25, congestionIndex: 2, congestion: 'slow', levelOfService: 'D' },
        ...{ travelTimeIndex: 2, planningTimeIndex: 2, peakHours: 1 },
      })
      expect(series?.[1]).toMatchObject({ vehiclesPerHour: 300, congestionIndex: 1.25, levelOfService: 'B' })
      // a Saturday has no peak
      expect(series?.[2]).toMatchObject({ levelOfService: 'A', congestion: 'free', peakHours: 0 })
      expect(series?.[2]).not.toHaveProperty('travelTimeIndex')
    })

    it('tell the mean weekday and weekend with their peak hours, and the indices of travel times of the peak', async () => {
      const [figures] = (await answerTraffic(opened(), request(only('c-1')))).groups
      expect(figures).toMatchObject({
        ...{ id: 'c-1', sensors: 1, simulated: 0, readings: 18, vehicles: 1_080, vehiclesPerHour: 360 },
        freeFlow: { speed: 50, fromMeta: 1, fromNights: 0, unknown: 0, nightReadings: 0 },
        // the mean of 2 and 1.25, and their 95th percentile
        ...{ travelTimeIndex: 1.625, planningTimeIndex: 1.963, peakHours: 2 },
        // 50 / ((25 + 40 + 50) / 3)
        congestionIndex: 1.304,
        // 18 of 6 an hour over four days
        coverage: 0.0313,
      })
      expect(figures?.weekdays).toMatchObject({
        ...{ days: 1, vehiclesPerHour: 450, peak: { hour: 7, vehiclesPerHour: 600, congestionIndex: 2 } },
        hours: [{ hour: 7 }, { hour: 8, vehiclesPerHour: 300 }],
      })
      expect(figures?.weekdays).not.toHaveProperty('eveningPeak')
      expect(figures?.weekends).toMatchObject({ days: 1, peak: { hour: 10, vehiclesPerHour: 180 } })
    })

    it('stand on the 85th percentile of night speeds where a counter says no free-flow speed, or where that is asked for', async () => {
      const answer = await answerTraffic(opened(), request(only('c-2')))
      expect(answer.groups[0]?.freeFlow).toEqual({
        ...{ speed: 55.1, fromMeta: 0, fromNights: 1, unknown: 0, nightReadings: 60 },
      })
      // 55.075 / 27.5375 in the one hour of the morning
      expect(answer.groups[0]?.travelTimeIndex).toBe(2)
      expect(answer.method).toMatchObject({ nightShare: 0.85, nightHours: [22, 23, 0, 1, 2, 3, 4] })
      expect(answer.method.nightsFrom).toBeLessThan(localTime(wednesday, 22))
      const nights = await answerTraffic(opened(), request({ ...only('c-1'), freeFlow: 'nights' }))
      expect(nights.groups[0]).toMatchObject({ freeFlow: { unknown: 1 }, averageSpeed: 38.33 })
      expect(nights.groups[0]).not.toHaveProperty('congestionIndex')
    })

    it('of a group are of all of its counters, each judged by its own free-flow speed', async () => {
      const [figures] = (await answerTraffic(opened(), request())).groups
      expect(figures).toMatchObject({
        ...{ sensors: 2, readings: 24, vehicles: 1_104, vehiclesPerHour: 276 },
        freeFlow: { fromMeta: 1, fromNights: 1 },
        ...{ peakHours: 3, travelTimeIndex: 1.75 },
      })
    })

    it('count in the period of the time: a count of one minute is not one of ten', async () => {
      const notes = [
        { sensor: 'c-1', seconds: 600, ts: localTime('2026-11-01') },
        { sensor: 'c-1', seconds: 60, ts: localTime(wednesday, 7, 30) },
      ]
      const { groups } = await answerTraffic(
        opened(),
        request({ ...only('c-1'), to: localTime(wednesday, 8), steps: new ReportingSteps(notes, []) }),
      )
      // three readings of ten minutes and three of one: 600 vehicles in 33 minutes
      expect(groups[0]).toMatchObject({ vehicles: 600, vehiclesPerHour: 1_090.9 })
    })

    it('are the same once hours are rolled up', async () => {
      const before = await answerTraffic(opened(), request({ window: '1d' }))
      await rollUp(opened(), now)
      expect(await answerTraffic(opened(), request({ window: '1d' }))).toEqual(before)
    })

    it('of nobody, and of a span without a reading, are empty and not wrong', async () => {
      const nobody = await answerTraffic(opened(), request({ membership: { groups: [], members: [] } }))
      expect(nobody.groups).toEqual([])
      const before = request({ from: localTime('2026-10-01'), to: localTime('2026-10-02'), window: '1d' })
      const [silent] = (await answerTraffic(opened(), before)).groups
      expect(silent).toMatchObject({ readings: 0, vehicles: 0, coverage: 0, weekdays: { days: 0, hours: [] } })
      expect(silent?.series).toEqual([
        { start: before.from, end: before.to, readings: 0, vehicles: 0, peakHours: 0, coverage: 0 },
      ])
    })
  },
)

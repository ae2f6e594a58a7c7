import { beforeAll, describe, expect, it } from 'vitest'
import { type City, loadCity } from '#city/city.ts'
import { backfill } from '#simulators/backfill.ts'
import { keyOf, uniform, wander } from '#simulators/behaviour/noise.ts'
import { airQualityAt } from '#simulators/kinds/air-quality/values.ts'
import { valuesAt } from '#simulators/kinds/kinds.ts'
import { lightingAt } from '#simulators/kinds/lighting/values.ts'
import { trafficAt } from '#simulators/kinds/traffic/values.ts'
import { placeSensors, sharesOf } from '#simulators/placement.ts'
import { SendQueue } from '#simulators/send-queue.ts'
import type { SimulatedSensor } from '#simulators/sensor.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import { contains } from '#telemetry/geometry.ts'
import { kindOf } from '#telemetry/kinds.ts'
import { idSchema } from '#telemetry/reading-parts.ts'
import { sensorMetaSchema } from '#telemetry/sensor.ts'

const seed = 1
/** Monday 12 January 2026, 00:00 in Tây Ninh */
const monday = Date.UTC(2026, 0, 11, 17)
const saturday = monday + 5 * dayMs

let city: City
let sensors: SimulatedSensor[]
const ofKind = (kind: SimulatedSensor['kind']) => sensors.filter((sensor) => sensor.kind === kind)
const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length

/** All vehicles that every counter counts in the hour from `ts`, sampled each minute. */
const vehicles = (ts: number) =>
  mean(
    ofKind('traffic').flatMap((sensor) =>
      Array.from({ length: 60 }, (_, minute) => trafficAt(sensor, ts + minute * 60_000, seed).intensity ?? 0),
    ),
  )

beforeAll(async () => {
  city = await loadCity()
  sensors = placeSensors(city, 200, seed)
})

describe('placing sensors', () => {
  it('places 60 traffic counters, 100 lamps and 40 air stations out of 200, in both districts alike', () => {
    expect(ofKind('traffic')).toHaveLength(60)
    expect(ofKind('lighting')).toHaveLength(100)
    expect(ofKind('air-quality')).toHaveLength(40)
    for (const { id } of city.districts) expect(sensors.filter(({ district }) => district === id)).toHaveLength(100)
  })

  it('places exactly as many sensors as asked for', () => {
    for (let count = 0; count < 60; count++) {
      expect(placeSensors(city, count, seed)).toHaveLength(count)
      for (const share of Object.values(sharesOf(count))) expect(share).toBeGreaterThanOrEqual(0)
    }
    expect(placeSensors(city, 5_000, seed)).toHaveLength(5_000)
  })

  it('places every sensor inside the outline of its district', () => {
    for (const { id, district, meta } of placeSensors(city, 1_000, 7)) {
      const outline = city.districts.find((one) => one.id === district)?.outline ?? []
      expect(contains(outline, meta.position), id).toBe(true)
    }
  })

  it('gives every sensor an id of its own, a name of its own and a valid meta in a ward of its district', () => {
    const many = placeSensors(city, 5_000, seed)
    expect(new Set(many.map(({ id }) => id)).size).toBe(many.length)
    expect(new Set(many.map(({ meta }) => meta.name.vi)).size).toBe(many.length)
    for (const { id, meta, district } of many) {
      expect(idSchema.safeParse(id).success, id).toBe(true)
      expect(sensorMetaSchema.parse(meta)).toEqual(meta)
      const wards = city.districts.find((one) => one.id === district)?.wards.map((ward) => ward.id)
      expect(wards).toContain(meta.ward)
    }
  })

  it('places the same sensors for the same seed, and others for another', () => {
    expect(placeSensors(city, 200, seed)).toEqual(sensors)
    expect(placeSensors(city, 200, 2)).not.toEqual(sensors)
  })

  it('gives about one lamp in a hundred a fault', () => {
    const faulty = placeSensors(city, 5_000, seed).filter(({ fault }) => fault)
    expect(faulty.length).toBeGreaterThan(20)
    expect(faulty.length).toBeLessThan(60)
    expect(sensors.some(({ fault }) => fault)).toBe(true)
  })
})

describe('what simulated sensors measure', () => {
  it('is valid for every sensor over a week', () => {
    for (const sensor of sensors)
      for (let ts = monday; ts < monday + 7 * dayMs; ts += 47 * 60_000 + 1_234) {
        const values = valuesAt(sensor, ts, seed)
        expect(kindOf(sensor.kind).schema.parse(values)).toEqual(values)
      }
  })

  it('is the same whenever it is asked for, and another with another seed', () => {
    for (const sensor of sensors) expect(valuesAt(sensor, monday, seed)).toEqual(valuesAt(sensor, monday, seed))
    const week = (other: number) =>
      ofKind('air-quality').map((sensor) => airQualityAt(sensor, monday + 8 * hourMs, other).pm25)
    expect(week(1)).not.toEqual(week(2))
  })

  it('shows far more vehicles in the rush hours than at noon, and hardly any at night', () => {
    const morning = vehicles(monday + 6.5 * hourMs)
    const noon = vehicles(monday + 12.5 * hourMs)
    const evening = vehicles(monday + 16.5 * hourMs)
    const night = vehicles(monday + 2 * hourMs)
    expect(Math.min(morning, evening)).toBeGreaterThan(1.4 * noon)
    expect(noon).toBeGreaterThan(8 * night)
  })

  it('shows a lighter morning at the weekend', () => {
    expect(vehicles(saturday + 6.5 * hourMs)).toBeLessThan(0.7 * vehicles(monday + 6.5 * hourMs))
  })

  it('shows slower traffic in the rush hour than at night', () => {
    const speed = (ts: number) =>
      mean(
        ofKind('traffic').flatMap((sensor) =>
          Array.from(
            { length: 60 },
            (_, minute) => trafficAt(sensor, ts + minute * 60_000, seed).averageVehicleSpeed,
          ).filter((one) => one !== undefined),
        ),
      )
    expect(speed(monday + 16.75 * hourMs)).toBeLessThan(0.85 * speed(monday + 2 * hourMs))
  })

  it('counts mostly motorbikes', () => {
    const rush = ofKind('traffic').map((sensor) => trafficAt(sensor, monday + 7 * hourMs, seed))
    const share = mean(rush.map(({ motorbikes = 0 }) => motorbikes)) / mean(rush.map(({ intensity = 0 }) => intensity))
    expect(share).toBeGreaterThan(0.7)
    expect(share).toBeLessThan(0.95)
  })

  it('has healthy lamps off at noon, fully lit at 20:00 and dimmed to half at 1:00', () => {
    for (const lamp of ofKind('lighting').filter(({ fault }) => !fault)) {
      const nominal = lamp.meta.nominalPower ?? 0
      expect(lightingAt(lamp, monday + 12 * hourMs, seed)).toMatchObject({ powerState: 'off', activePower: 0 })
      const evening = lightingAt(lamp, monday + 20 * hourMs, seed)
      expect(evening).toMatchObject({ powerState: 'on', illuminanceLevel: 1, fault: 'none' })
      expect(Math.abs((evening.activePower ?? 0) / nominal - 1)).toBeLessThan(0.03)
      const late = lightingAt(lamp, monday + 25 * hourMs, seed)
      expect(late).toMatchObject({ powerState: 'low', illuminanceLevel: 0.5 })
      expect(Math.abs((late.activePower ?? 0) / nominal - 0.5)).toBeLessThan(0.03)
    }
  })

  it('switches lamps with the sun of Tây Ninh: on between 17:15 and 18:30, off between 5:15 and 6:30, all year', () => {
    const lamp = ofKind('lighting').find(({ fault }) => !fault) ?? expect.fail('no lamp')
    for (let day = 0; day < 365; day += 7) {
      const midnight = monday + day * dayMs
      const state = (hour: number) => lightingAt(lamp, midnight + hour * hourMs, seed).powerState
      expect([state(5.25), state(6.5), state(17.25), state(18.5)]).toEqual(['on', 'off', 'off', 'on'])
    }
  })

  it('grows the counters of a healthy lamp and never turns them back', () => {
    const lamp = ofKind('lighting').find(({ fault }) => !fault) ?? expect.fail('no lamp')
    const at = (ts: number) => lightingAt(lamp, ts, seed)
    for (let ts = monday; ts < monday + 3 * dayMs; ts += 600_000) {
      expect(at(ts + 600_000).energy).toBeGreaterThanOrEqual(at(ts).energy ?? Number.NaN)
      expect(at(ts + 600_000).lampHours).toBeGreaterThanOrEqual(at(ts).lampHours ?? Number.NaN)
    }
    expect((at(monday + dayMs).lampHours ?? 0) - (at(monday).lampHours ?? 0)).toBeCloseTo(12, 0)
  })

  it('shows a broken lamp as dark at night, and says why', () => {
    const broken: SimulatedSensor = { ...(ofKind('lighting')[0] ?? expect.fail('no lamp')), fault: 'lamp' }
    const values = lightingAt(broken, monday + 20 * hourMs, seed)
    expect(values.fault).toBe('lamp')
    expect(values.activePower).toBeLessThan(5)
  })

  it('has more pollution in the morning rush than in the afternoon, and ozone at noon', () => {
    const at = (hour: number) =>
      ofKind('air-quality').map((sensor) => airQualityAt(sensor, monday + hour * hourMs, seed))
    expect(mean(at(7).map(({ pm25 = 0 }) => pm25))).toBeGreaterThan(1.2 * mean(at(14).map(({ pm25 = 0 }) => pm25)))
    expect(mean(at(7).map(({ no2 = 0 }) => no2))).toBeGreaterThan(1.3 * mean(at(13).map(({ no2 = 0 }) => no2)))
    expect(mean(at(12).map(({ o3 = 0 }) => o3))).toBeGreaterThan(2 * mean(at(23).map(({ o3 = 0 }) => o3)))
  })
})

describe('noise', () => {
  it('is spread evenly', () => {
    const key = keyOf('sample', seed)
    const numbers = Array.from({ length: 20_000 }, (_, at) => uniform(key, 1, 1_768_000_000_000 + at * 5_000))
    expect(mean(numbers)).toBeCloseTo(0.5, 1)
    for (let tenth = 0; tenth < 10; tenth++) {
      const inTenth = numbers.filter((number) => Math.floor(number * 10) === tenth).length
      expect(Math.abs(inTenth - 2_000)).toBeLessThan(250)
    }
  })

  it('wanders without jumps', () => {
    const key = keyOf('sample', seed)
    for (let ts = 0; ts < 100_000; ts += 10)
      expect(Math.abs(wander(key, 1, ts + 10, 1_000) - wander(key, 1, ts, 1_000))).toBeLessThan(0.05)
  })
})

describe('history for an empty store', () => {
  it('has every sensor at every step, in order of time, with what the sensor says live', async () => {
    const few = sensors.filter((_, index) => index % 40 === 0)
    const records = []
    for await (const batch of backfill(few, { from: monday, to: monday + dayMs, seed })) records.push(...batch)
    expect(records).toHaveLength(few.length * 288)
    for (const [index, { arrivedAt }] of records.entries())
      expect(arrivedAt).toBeGreaterThanOrEqual(records[index - 1]?.arrivedAt ?? monday)
    const first = few[0] ?? expect.fail('no sensor')
    expect(records[0]?.topic).toBe(`city/v1/${first.district}/${first.kind}/${first.id}/reading`)
    expect(JSON.parse(records[0]?.payload.toString() ?? '')).toEqual({ ts: monday, ...valuesAt(first, monday, seed) })
  })
})

describe('the queue of a device', () => {
  it('gives messages oldest first and lets go of the oldest when it is full', () => {
    const queue = new SendQueue(3)
    for (const payload of ['a', 'b', 'c', 'd', 'e']) queue.add(1, payload)
    expect(queue.dropped).toBe(2)
    expect([queue.dequeue(), queue.dequeue(), queue.dequeue(), queue.dequeue()].map((one) => one?.payload)).toEqual([
      'c',
      'd',
      'e',
      undefined,
    ])
  })

  it('gives again, in order, what was sent and not acknowledged', () => {
    const queue = new SendQueue(10)
    for (const payload of ['a', 'b', 'c']) queue.add(1, payload)
    const [, second] = [queue.dequeue(), queue.dequeue()]
    if (second) queue.acknowledge(second)
    queue.rewind()
    expect([queue.dequeue(), queue.dequeue(), queue.dequeue()].map((one) => one?.payload)).toEqual([
      'a',
      'c',
      undefined,
    ])
  })

  it('counts nothing as on its way when a message on its way is let go of', () => {
    const queue = new SendQueue(1)
    queue.add(1, 'a')
    const first = queue.dequeue() ?? expect.fail('no message')
    queue.add(1, 'b')
    expect(queue.inflight).toBe(0)
    expect(queue.acknowledge(first)).toBe(false)
    expect(queue.dequeue()?.payload).toBe('b')
  })
})

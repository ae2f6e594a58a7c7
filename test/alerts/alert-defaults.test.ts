import { beforeAll, describe, expect, it } from 'vitest'
import { RuleSimulation } from '#alerts/dry-run/rule-simulation.ts'
import { MonitoredSensor } from '#alerts/engine/monitored-sensor.ts'
import { defaultRules } from '#alerts/rules/default-rules.ts'
import { loadCity } from '#city/city.ts'
import { valuesAt } from '#simulators/kinds/kinds.ts'
import { placeSensors } from '#simulators/placement.ts'
import type { SimulatedSensor } from '#simulators/sensor.ts'
import { causes } from '#telemetry/alert-condition.ts'
import { ClockHours } from '#telemetry/clock-hours.ts'
import { dayMs } from '#telemetry/durations.ts'
import { readingSchema } from '#telemetry/reading.ts'

const seed = 1
const stepMs = 300_000
/** Monday 23 November 2026, 00:00 in Tây Ninh */
const monday = Date.UTC(2026, 10, 22, 17)

describe('the default rules', () => {
  let sensors: SimulatedSensor[]
  beforeAll(async () => {
    sensors = placeSensors(await loadCity(), 200, seed)
  })

  it('hold a rule for every cause, each valid', () => {
    expect(new Set(defaultRules().map(([, { condition }]) => condition.type))).toEqual(new Set(causes))
  })

  it('raise few alerts on an ordinary day of 200 sensors, and those for a reason', () => {
    const watches = sensors.map(({ id: sensor, district, kind, meta }) => {
      const watch = new MonitoredSensor({ sensor, district, kind }, monday)
      watch.meta = meta
      return watch
    })
    const trials = defaultRules().map(([id, rule]) => {
      const own = watches.filter((watch) => watch.isIn(rule.scope))
      return {
        id,
        kind: rule.scope.kind,
        simulation: new RuleSimulation(rule, own, { from: monday, hours: new ClockHours(), spacing: () => stepMs }),
      }
    })
    for (let ts = monday; ts < monday + dayMs; ts += stepMs)
      for (const sensor of sensors) {
        const { id, district, kind } = sensor
        const reading = readingSchema.parse({ kind, district, sensor: id, ts, values: valuesAt(sensor, ts, seed) })
        for (const each of trials) if (each.kind === kind) each.simulation.evaluate(reading)
      }
    for (const { simulation } of trials) simulation.end(monday + dayMs)
    const found = new Map(trials.map(({ id, simulation }) => [id, simulation.found]))
    const broken = sensors.filter(({ fault }) => fault === 'lamp' || fault === 'driver').map(({ id }) => id)
    expect(
      found
        .get('lamp-dark')
        ?.map((alert) => alert.sensors[0])
        .sort(),
    ).toEqual(broken.sort())
    // each faulty lamp is told once by what it reports, and no healthy one
    const faulty = sensors.filter(({ fault }) => fault !== undefined).map(({ id }) => id)
    const reported = found.get('lamp-fault')?.map((alert) => alert.sensors[0])
    expect(reported?.sort()).toEqual(faulty.sort())
    for (const calm of [
      'traffic-silent',
      'lamp-silent',
      'air-station-silent',
      'lamp-burning',
      'lamp-power',
      'speed-stuck',
      'pm25-stuck',
    ])
      expect(found.get(calm), calm).toEqual([])
    const total = [...found.values()].reduce((sum, { length }) => sum + length, 0)
    expect(total).toBeGreaterThan(0)
    expect(total).toBeLessThan(25)
  })
})

import { aheadMsOf } from '#telemetry/clock.ts'
import { recallReading } from '#telemetry/connection.ts'
import { measuredReading } from '#telemetry/measured-values.ts'
import { staleAfterMs } from '#telemetry/period.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { AlertsMetrics } from '../metrics.ts'
import type { AlarmStateStore } from '../state/alarm-state-store.ts'
import type { ReportAlarm } from './alarm-reporter.ts'
import type { MonitoredSensor } from './monitored-sensor.ts'
import type { MonitoredSensors } from './monitored-sensors.ts'

/** ms after which what was found in the past says nothing of the present, unless three periods are longer */
const lateMs = 60_000

interface PastEvaluationParts {
  sensors: MonitoredSensors
  states: AlarmStateStore
  metrics: AlertsMetrics
  report: ReportAlarm
  /** epoch ms */
  clock: () => number
}

/** Evaluates stored readings of a time before monitoring began, or in which the broker was away. */
export class PastEvaluation {
  readonly #parts: PastEvaluationParts

  constructor(parts: PastEvaluationParts) {
    this.#parts = parts
  }

  /** Readings of the past: they are evaluated, but nothing is raised or cleared until {@link settle}. */
  warmUp(readings: readonly Reading[]): void {
    for (const stored of readings) {
      const sensor = this.#parts.sensors.ofPastReading(stored)
      const reading = measuredReading(stored)
      if (!sensor || !reading || !this.#isNews(sensor, reading)) continue
      sensor.recordReading(reading)
      for (const one of sensor.evaluators.values())
        one.pastTransition = one.evaluator.evaluate(reading, sensor.meta) ?? one.pastTransition
    }
  }

  /**
   * Readings of a time in which nothing was monitored: alerts are raised and cleared at the times of measuring, unless
   * `knownUntil` (epoch ms) says that the outcome is known already. To be followed by {@link settle}.
   */
  catchUp(readings: readonly Reading[], knownUntil: (rule: string, sensor: string) => number): void {
    const { sensors, metrics, report } = this.#parts
    metrics.caughtUp.inc(readings.length)
    for (const stored of readings) {
      const sensor = sensors.ofReading(stored)
      const reading = measuredReading(stored)
      if (!sensor || !reading || !this.#isNews(sensor, reading)) continue
      sensor.recordReading(reading)
      for (const one of sensor.evaluators.values()) {
        const transition = one.evaluator.evaluate(reading, sensor.meta)
        if (!transition) continue
        one.pastTransition = transition
        if (transition.at > knownUntil(one.rule.id, sensor.id)) report(sensor, one.rule, transition, one.evaluator)
      }
    }
  }

  /**
   * Raises and clears what the past comes to, at sensors that still report; at the others everything stays as it was, but for
   * those that were moved or left the scope of a rule meanwhile.
   */
  settle(): void {
    const { sensors, states, report, clock } = this.#parts
    sensors.clearUnmonitored()
    const now = clock()
    for (const sensor of sensors.values())
      for (const one of sensor.evaluators.values()) {
        const { rule, evaluator, pastTransition } = one
        const alert = states.find(rule.id, [sensor.id])
        const wasActive = alert !== undefined && alert.clearedAt === undefined
        one.pastTransition = undefined
        if (evaluator.active === wasActive) continue
        if (sensor.newest && pastTransition && now - sensor.newest.ts <= lateAfterMs(sensor))
          report(sensor, rule, pastTransition, evaluator)
        else evaluator.reset(wasActive)
      }
  }

  /** Restores who was offline since when (epoch ms) before anything was heard, with the help of the newest readings. */
  restorePresence(offlineSince: ReadonlyMap<string, number>): void {
    const { sensors, clock } = this.#parts
    const now = clock()
    for (const sensor of sensors.values()) {
      const { connection, newest, id } = sensor
      if (!connection) continue
      const staleAt = (newest?.ts ?? 0) + staleAfterMs(sensor.meta)
      const past = { offlineSince: offlineSince.get(id), newestAt: newest?.ts, staleAt, now }
      sensors.setConnection(sensor, recallReading(connection, past))
    }
  }

  #isNews(sensor: MonitoredSensor, reading: Reading): boolean {
    return reading.ts > (sensor.newest?.ts ?? 0) && aheadMsOf(reading, this.#parts.clock()) <= 0
  }
}

/** ms after which a reading of this sensor is too late */
function lateAfterMs({ meta }: MonitoredSensor): number {
  return Math.max(lateMs, staleAfterMs(meta))
}

import { Deadlines } from '#telemetry/deadlines.ts'
import { silenceLimitMs } from '../evaluators/silence-evaluator.ts'
import type { ReportAlarm } from './alarm-reporter.ts'
import type { MonitoredSensor, SilenceRuleEvaluator } from './monitored-sensor.ts'

/** Notices sensors from which no reading came for too long: under each rule about silence, the time at which a sensor counts as silent waits in a heap. */
export class SilenceMonitor {
  readonly #report: ReportAlarm
  /** epoch ms */
  readonly #clock: () => number
  /** at most one deadline for each sensor and rule */
  readonly #deadlines = new Deadlines<SilenceRuleEvaluator>()

  constructor(parts: { report: ReportAlarm; clock: () => number }) {
    this.#report = parts.report
    this.#clock = parts.clock
  }

  /** Waits for a rule's silence of a sensor, counted from when it was last heard. */
  schedule(silence: SilenceRuleEvaluator): void {
    const { sensor, rule, evaluator } = silence
    if (!evaluator.active) this.#deadlines.set(silence, evaluator.heardAt + silenceLimitMs(rule.condition, sensor.meta))
  }

  /** A reading of a sensor arrived at `at`; `now`: epoch ms both. */
  recordHeard(sensor: MonitoredSensor, at: number, now: number): void {
    sensor.heardAt = Math.max(sensor.heardAt, at)
    for (const silence of sensor.silences.values()) {
      const limitMs = silenceLimitMs(silence.rule.condition, sensor.meta)
      if (now - at > limitMs) continue
      const transition = silence.evaluator.hear(at, true)
      if (!transition) continue
      this.#report(sensor, silence.rule, transition, silence.evaluator)
      this.schedule(silence)
    }
  }

  /** Nothing could be heard before `now` (epoch ms): silence counts from then on. */
  restartAfterOutage(sensors: Iterable<MonitoredSensor>, now: number): void {
    for (const sensor of sensors) {
      sensor.heardAt = now
      for (const { evaluator } of sensor.silences.values()) evaluator.hear(now, false)
    }
  }

  /** The clock was set, ahead or back: silence counts from `now` on (epoch ms). */
  restartAfterClockJump(sensors: Iterable<MonitoredSensor>, now: number): void {
    for (const sensor of sensors) {
      sensor.heardAt = now
      for (const silence of sensor.silences.values()) {
        silence.evaluator.restart(now)
        this.schedule(silence)
      }
    }
  }

  /** Raises the alerts of those that are silent by now. */
  check(now: number): void {
    for (let due = this.#deadlines.removePassed(now); due; due = this.#deadlines.removePassed(now)) this.#check(due)
  }

  #check(silence: SilenceRuleEvaluator): void {
    const { sensor, rule, evaluator } = silence
    if (sensor.silences.get(rule.id) !== silence || evaluator.active) return
    const now = this.#clock()
    const limitMs = silenceLimitMs(rule.condition, sensor.meta)
    const transition = evaluator.pass(now, limitMs)
    if (transition) this.#report(sensor, rule, transition, evaluator)
    if (!evaluator.active) this.#deadlines.set(silence, Math.max(evaluator.heardAt + limitMs, now))
  }
}

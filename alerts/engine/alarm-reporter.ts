import type { Commanded } from '#telemetry/alert.ts'
import type { AlertRule } from '#telemetry/alert-rule.ts'
import type { Cause, Failure } from '#telemetry/conditions/conditions.ts'
import type { Evaluator, Transition } from '../evaluators/evaluator.ts'
import type { AlertsMetrics } from '../metrics.ts'
import type { AlarmTransitions } from '../state/alarm-transitions.ts'
import type { MonitoredSensor } from './monitored-sensor.ts'

/** Applies what an evaluator found at a sensor to the alarm state. An evaluator whose alert was refused, for too many are open, starts again. */
export type ReportAlarm = (
  sensor: MonitoredSensor,
  rule: AlertRule,
  transition: Transition,
  evaluator: Pick<Evaluator, 'reset'>,
) => void

/** By whose command a sensor is as an alert of this cause says, or fails in this way; undefined when no command is the reason. */
export type CommandedOf = (sensor: string, cause: Cause | Failure) => Commanded | undefined

/** Creates the function that all parts of the engine report with. */
export function createAlarmReporter(parts: {
  transitions: AlarmTransitions
  metrics: Pick<AlertsMetrics, 'refused'>
  /** epoch ms */
  clock: () => number
  commandedOf: CommandedOf
}): ReportAlarm {
  const { transitions, metrics, clock, commandedOf } = parts
  return ({ id, kind, district, meta }, rule, transition, evaluator) => {
    const now = clock()
    const { at } = transition
    const sensors = [id]
    transitions.apply((states) => {
      if (transition.type === 'clear') {
        const alert = states.find(rule.id, sensors)
        return alert ? states.planClear(alert.id, at, now) : []
      }
      const subject = { kind, district, sensors, ward: meta?.ward }
      const commanded = commandedOf(id, rule.condition.type)
      const events = states.planRaise({ rule, subject, at, finding: transition.finding, commanded, now })
      if (events.length === 0 && states.find(rule.id, sensors) === undefined) {
        metrics.refused.inc()
        evaluator.reset(false) // tried again as soon as there is room
      }
      return events
    })
  }
}

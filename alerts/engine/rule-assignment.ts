import type { AlertRule } from '#telemetry/alert-rule.ts'
import type { ClockHours } from '#telemetry/clock-hours.ts'
import { ClockEvaluator } from '../evaluators/clock-evaluator.ts'
import { createEvaluator, isReadingCondition } from '../evaluators/create-evaluator.ts'
import { SilenceEvaluator } from '../evaluators/silence-evaluator.ts'
import type { AlarmTransitions } from '../state/alarm-transitions.ts'
import { isRuleOf, type MonitoredSensor } from './monitored-sensor.ts'
import type { SilenceMonitor } from './silence-monitor.ts'

interface AssignmentParts {
  transitions: AlarmTransitions
  /** of the city's clock */
  hours?: ClockHours
  silence: SilenceMonitor
  /** epoch ms */
  clock: () => number
}

/**
 * Gives a sensor the evaluators of the rules that apply to it. Those of unchanged rules go on; alerts of rules that no longer
 * apply return to normal.
 */
export function assignRules(sensor: MonitoredSensor, rules: Iterable<AlertRule>, parts: AssignmentParts): void {
  const own = [...rules].filter(({ scope }) => sensor.isIn(scope))
  const before = sensor.rules
  sensor.rules = new Set(own.map(({ id }) => id))
  clearRulesThatLeft(sensor, before, parts)
  const unchanged = new Set(own.map(({ id, version }) => `${id}@${version}`))
  for (const evaluators of [sensor.evaluators, sensor.silences, sensor.clocks])
    for (const [id, { rule }] of evaluators) if (!unchanged.has(`${id}@${rule.version}`)) evaluators.delete(id)
  for (const rule of own) addEvaluator(sensor, rule, parts)
}

function clearRulesThatLeft(sensor: MonitoredSensor, before: ReadonlySet<string>, parts: AssignmentParts): void {
  const { transitions, clock } = parts
  for (const id of before) {
    const alert = sensor.rules.has(id) ? undefined : transitions.states.find(id, [sensor.id])
    if (!alert || alert.cause === 'group' || alert.clearedAt !== undefined) continue
    const now = clock()
    transitions.apply((states) => states.planClear(alert.id, now, now))
  }
}

function addEvaluator(
  sensor: MonitoredSensor,
  rule: AlertRule,
  { transitions, hours, silence }: AssignmentParts,
): void {
  const known = transitions.states.find(rule.id, [sensor.id])
  const active = known !== undefined && known.clearedAt === undefined && sensor.isAt(known)
  if (isReadingCondition(rule.condition)) {
    if (!sensor.evaluators.has(rule.id))
      sensor.evaluators.set(rule.id, { rule, evaluator: createEvaluator(rule.condition, active, hours) })
  } else if (isRuleOf(rule, 'silence') && !sensor.silences.has(rule.id)) {
    const added = { sensor, rule, evaluator: new SilenceEvaluator({ active, heardAt: sensor.heardAt }) }
    sensor.silences.set(rule.id, added)
    silence.schedule(added)
  } else if (isRuleOf(rule, 'clock') && !sensor.clocks.has(rule.id))
    sensor.clocks.set(rule.id, { rule, evaluator: new ClockEvaluator(rule.condition, active) })
}

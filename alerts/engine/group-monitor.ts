import type { AlertRule } from '#telemetry/alert-rule.ts'
import type { Failure } from '#telemetry/conditions/conditions.ts'
import { evaluateGroups } from '../evaluators/group-evaluator.ts'
import type { Failing } from '../evaluators/neighbours.ts'
import type { AlarmTransitions } from '../state/alarm-transitions.ts'
import type { CommandedOf } from './alarm-reporter.ts'
import { isRuleOf, type MonitoredSensor, type RuleOf } from './monitored-sensor.ts'

/** Monitors neighbours that fail together, under each rule about groups. */
export class GroupMonitor {
  readonly #transitions: AlarmTransitions
  readonly #clock: () => number
  readonly #commandedOf: CommandedOf
  #rules: RuleOf<'group'>[] = []
  /** members of the groups that fail, by the id of their alert: an alert names only the first of a large group */
  readonly #members = new Map<string, string[]>()

  constructor(options: { transitions: AlarmTransitions; clock: () => number; commandedOf: CommandedOf }) {
    this.#transitions = options.transitions
    this.#clock = options.clock
    this.#commandedOf = options.commandedOf
  }

  setRules(rules: readonly AlertRule[]): void {
    this.#rules = rules.filter((rule) => isRuleOf(rule, 'group'))
    this.#members.clear() // those of alerts that go on are in the alerts
  }

  /** Evaluates the rules about groups, with the sensors by id. */
  check(sensors: ReadonlyMap<string, MonitoredSensor>): void {
    for (const rule of this.#rules) this.#check(rule, sensors)
  }

  #check(rule: RuleOf<'group'>, monitored: ReadonlyMap<string, MonitoredSensor>): void {
    const now = this.#clock()
    const known = this.#known(rule.id)
    for (const change of evaluateGroups(rule.condition, known, failingUnder(rule, monitored, now, this.#commandedOf))) {
      if (change.type === 'clear') {
        this.#members.delete(change.key)
        this.#transitions.apply((states) => states.planClear(change.key, now, now))
        continue
      }
      const { sensors } = change
      if (change.type === 'change') {
        this.#members.set(change.key, sensors)
        this.#transitions.apply((states) => states.planGroupChange(change.key, sensors, now))
        continue
      }
      const first = monitored.get(sensors[0] ?? '')
      if (!first) continue
      const { kind, district, meta } = first
      const subject = { kind, district, ward: meta?.ward, sensors }
      const finding = { value: sensors.length, limit: rule.condition.atLeast, unit: '' as const }
      this.#transitions.apply((states) => states.planRaise({ rule, subject, at: now, finding, now }))
      const raised = this.#transitions.states.find(rule.id, sensors)
      if (raised) this.#members.set(raised.id, sensors)
    }
  }

  #known(rule: string) {
    const groups: { key: string; sensors: string[] }[] = []
    for (const { id, rule: of, cause, clearedAt, sensors } of this.#transitions.states.all())
      if (of === rule && cause === 'group' && clearedAt === undefined)
        groups.push({ key: id, sensors: this.#members.get(id) ?? [...sensors] })
    return groups
  }
}

/** Sensors that have failed long enough under a rule, and whose place is known. What a sensor was told to do is no failure. */
export function failingUnder(
  rule: RuleOf<'group'>,
  sensors: ReadonlyMap<string, MonitoredSensor>,
  now: number,
  commandedOf: CommandedOf = () => undefined,
): Failing[] {
  const { failures, forSeconds } = rule.condition
  const failing: Failing[] = []
  for (const sensor of sensors.values()) {
    if (!sensor.rules.has(rule.id) || !sensor.meta) continue
    if (!sensor.fails(uncommanded(failures, sensor.id, commandedOf), now)) {
      sensor.failingSince.delete(rule.id)
      continue
    }
    const since = sensor.failingSince.get(rule.id) ?? now
    sensor.failingSince.set(rule.id, since)
    if (now - since >= forSeconds * 1_000) failing.push({ id: sensor.id, position: sensor.meta.position })
  }
  return failing
}

/** The ways of failing without those that a command is the reason of. */
function uncommanded(failures: readonly Failure[], sensor: string, commandedOf: CommandedOf): readonly Failure[] {
  return failures.filter((way) => way === 'silence' || way === 'offline' || !commandedOf(sensor, way))
}

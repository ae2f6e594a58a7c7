import { type Alert, type AlertEvent, type Commanded, maxSensorsOfAlert } from '#telemetry/alert.ts'
import { dayMs } from '#telemetry/durations.ts'
import {
  type Activation,
  changeCommand,
  close,
  endShelving,
  raise,
  raiseAgain,
  returnToNormal,
  transition,
} from './alarm-state.ts'
import { markSeen } from './first-seen.ts'
import {
  type AssignmentTo,
  acknowledge,
  assign,
  type OperatorAction,
  requireReason,
  shelve,
  unassign,
  unshelve,
} from './operator-actions.ts'

/** Bounds of what is open at once. */
export interface AlarmStateLimits {
  /** open alerts; beyond it the oldest that returned to normal are closed, and when there is none the new one is refused */
  maxOpen: number
  /** ms after which an alert that returned to normal is closed although nobody acknowledged it */
  returnedMs: number
}

export const alarmStateLimits: AlarmStateLimits = { maxOpen: 10_000, returnedMs: 7 * dayMs }

/**
 * The alarm state of everything that is open, in memory. A transition is first planned, as events that hold the alert as it will
 * be, and then applied: so that an operator action can be written to disk in between.
 */
export class AlarmStateStore {
  readonly #limits: AlarmStateLimits
  readonly #open = new Map<string, Alert>()
  /** ids of the open alerts of one rule at one sensor; those of groups are found by their members */
  readonly #byPlace = new Map<string, Set<string>>()

  constructor(limits: AlarmStateLimits = alarmStateLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#open.size
  }

  get(id: string): Alert | undefined {
    return this.#open.get(id)
  }

  all(): IterableIterator<Alert> {
    return this.#open.values()
  }

  /** The open alert of a rule that names one of these sensors. */
  find(rule: string, sensors: readonly string[]): Alert | undefined {
    for (const sensor of sensors)
      for (const id of this.#byPlace.get(placeOf(rule, sensor)) ?? []) return this.#open.get(id)
    return undefined
  }

  /** Applies what was planned, or what the telemetry store holds, in order. */
  apply(events: Iterable<AlertEvent>): void {
    for (const { alert } of events) {
      const known = this.#open.get(alert.id)
      if (known && known.revision > alert.revision) continue
      if (known) this.#unlink(known)
      if (alert.closedAt === undefined) {
        this.#open.set(alert.id, alert)
        this.#link(alert)
      } else this.#open.delete(alert.id)
    }
  }

  /** Leaves out a revision that may be on disk although the store did not confirm it. */
  skipRevision(id: string): void {
    const alert = this.#open.get(id)
    if (alert) this.#open.set(id, { ...alert, revision: alert.revision + 1 })
  }

  /** A rule becomes active. No event when its alert is active already, or when there is no room. */
  planRaise(activation: Activation): AlertEvent[] {
    const known = this.find(activation.rule.id, activation.subject.sensors)
    if (known) return known.clearedAt === undefined ? [] : [raiseAgain(known, activation)]
    const room = this.#open.size < this.#limits.maxOpen ? [] : this.#planRoom(activation.now)
    return room === undefined ? [] : [...room, raise(activation)]
  }

  /** The condition returned to normal, or the rule no longer applies. */
  planClear(id: string, at: number, now: number): AlertEvent[] {
    const alert = this.#open.get(id)
    return !alert || alert.clearedAt !== undefined ? [] : [returnToNormal(alert, at, now)]
  }

  /** A group has other members. */
  planGroupChange(id: string, sensors: readonly string[], now: number): AlertEvent[] {
    const alert = this.#open.get(id)
    const some = sensors.slice(0, maxSensorsOfAlert)
    if (!alert || some.length === 0 || some.join() === alert.sensors.join()) return []
    return [transition('changed', alert, now, { sensors: some, value: sensors.length })]
  }

  planAcknowledge(action: OperatorAction): AlertEvent[] {
    return this.#planEach(action.ids, (alert) => acknowledge(alert, action))
  }

  planAssign(action: OperatorAction & AssignmentTo): AlertEvent[] {
    return this.#planEach(action.ids, (alert) => assign(alert, action))
  }

  planUnassign(action: OperatorAction): AlertEvent[] {
    return this.#planEach(action.ids, (alert) => unassign(alert, action))
  }

  /** `until` is epoch ms. All or none. @throws ReasonNeededError when one of them is critical and the comment is empty */
  planShelve(action: OperatorAction & { until: number }): AlertEvent[] {
    requireReason(this.#openOf(action.ids), action.comment)
    return this.#planEach(action.ids, (alert) => shelve(alert, action))
  }

  planUnshelve(action: OperatorAction): AlertEvent[] {
    return this.#planEach(action.ids, (alert) => unshelve(alert, action))
  }

  /** Alerts were on the screens of people; of those that are seen already nothing. */
  planSeen(seen: readonly { id: string; by: string }[], now: number): AlertEvent[] {
    const first = new Map(seen.toReversed().map(({ id, by }) => [id, by]))
    return [...first].flatMap(([id, by]) => {
      const alert = this.#open.get(id)
      return (alert && markSeen(alert, by, now)) ?? []
    })
  }

  /** What time alone does: shelving ends, and what nobody acknowledged for long is closed. */
  planTimeouts(now: number): AlertEvent[] {
    const events: AlertEvent[] = []
    for (const alert of this.#open.values()) {
      const { shelved, clearedAt = now } = alert
      if (shelved) {
        if (shelved.until <= now) events.push(endShelving(alert, now))
      } else if (now - clearedAt > this.#limits.returnedMs) events.push(close(alert, now))
    }
    return events
  }

  /** Which active alerts have a command as their reason now, and which no longer. */
  planCommands(
    commandedOf: (sensor: string, cause: Alert['cause']) => Commanded | undefined,
    now: number,
  ): AlertEvent[] {
    const events: AlertEvent[] = []
    for (const alert of this.#open.values()) {
      const [sensor, ...others] = alert.sensors
      if (sensor === undefined || others.length > 0 || alert.clearedAt !== undefined) continue
      const commanded = commandedOf(sensor, alert.cause)
      if (commanded?.since !== alert.commanded?.since) events.push(changeCommand(alert, commanded, now))
    }
    return events
  }

  /** Repeats every open alert as it is, so that nothing older need be read to know it. */
  planCheckpoint(now: number): AlertEvent[] {
    return [...this.#open.values()].map((alert) => transition('carried', alert, now, {}))
  }

  #planEach(ids: readonly string[], plan: (alert: Alert) => AlertEvent | undefined): AlertEvent[] {
    return this.#openOf(ids).flatMap((alert) => plan(alert) ?? [])
  }

  #openOf(ids: readonly string[]): Alert[] {
    return [...new Set(ids)].flatMap((id) => this.#open.get(id) ?? [])
  }

  /** Closes the alert that returned to normal first; undefined when there is none. */
  #planRoom(now: number): AlertEvent[] | undefined {
    let oldest: Alert | undefined
    for (const alert of this.#open.values()) {
      if (alert.clearedAt === undefined || alert.shelved) continue
      if (oldest?.clearedAt === undefined || alert.clearedAt < oldest.clearedAt) oldest = alert
    }
    return oldest && [close(oldest, now)]
  }

  #link({ id, rule, sensors }: Alert): void {
    for (const sensor of sensors) {
      const place = placeOf(rule, sensor)
      const ids = this.#byPlace.get(place)
      if (ids) ids.add(id)
      else this.#byPlace.set(place, new Set([id]))
    }
  }

  #unlink({ id, rule, sensors }: Alert): void {
    for (const sensor of sensors) {
      const place = placeOf(rule, sensor)
      const ids = this.#byPlace.get(place)
      ids?.delete(id)
      if (ids?.size === 0) this.#byPlace.delete(place)
    }
  }
}

const placeOf = (rule: string, sensor: string) => `${rule} ${sensor}`

import { randomUUID } from 'node:crypto'
import { type Alert, type AlertEvent, maxSensorsOfAlert } from '#telemetry/alert.ts'
import type { AlertRule } from '#telemetry/alert-rule.ts'
import type { Kind } from '#telemetry/kinds.ts'
import { unitCodes } from '#telemetry/units.ts'
import type { Finding } from '../evaluators/evaluator.ts'

/** Bounds of what is open at once. */
export interface AlarmStateLimits {
  /** open alerts; beyond it the oldest that returned to normal are closed, and when there is none the new one is refused */
  maxOpen: number
  /** ms after which an alert that returned to normal is closed although nobody acknowledged it */
  returnedMs: number
}

export const alarmStateLimits: AlarmStateLimits = { maxOpen: 10_000, returnedMs: 7 * 86_400_000 }

/** What a rule is broken by. */
export interface Subject {
  kind: Kind
  sensors: readonly string[]
  district: string
  ward?: string | undefined
}

/** What is known when an alert is raised. Times are epoch ms. */
export interface Raise {
  rule: Pick<AlertRule, 'id' | 'name' | 'condition' | 'priority'>
  subject: Subject
  /** time of measuring */
  at: number
  finding: Finding
  now: number
}

/** Who does something, and why. */
export interface OperatorAction {
  ids: readonly string[]
  by: string
  comment: string
  now: number
}

/** A change of an alert; what becomes undefined is taken away. */
type Change = { [Name in keyof Alert]?: Alert[Name] | undefined }

/**
 * The open alerts. Every step is planned first, as events that hold the alert as it will be, and then taken: so that a step
 * which must be on disk first can be kept in between. A notice (priority 3) and an alert that was acknowledged are closed when
 * they clear; a shelved one when its time is over.
 */
export class AlarmStateStore {
  readonly #limits: AlarmStateLimits
  readonly #open = new Map<string, Alert>()
  /** open alerts of one rule at one sensor; those of groups are found by their members */
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

  /** Takes what was planned, or what the store remembers, in order. */
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

  /** Leaves out a revision that may be on disk although the store did not say so. */
  skipRevision(id: string): void {
    const alert = this.#open.get(id)
    if (alert) this.#open.set(id, { ...alert, revision: alert.revision + 1 })
  }

  /** A rule is broken. No event when it was known, or when there is no room. */
  planRaise({ rule, subject, at, finding, now }: Raise): AlertEvent[] {
    const known = this.find(rule.id, subject.sensors)
    if (known) {
      if (known.clearedAt === undefined) return []
      const { occurrences } = known
      return [
        changed('again', known, now, {
          ...(known.cause !== 'group' && locationOf(subject, known.cause)), // a sensor may have been moved
          ...measured(finding),
          clearedAt: undefined,
          raisedAt: at,
          occurrences: occurrences + 1,
        }),
      ]
    }
    const room = this.#open.size < this.#limits.maxOpen ? [] : this.#planRoom(now)
    if (room === undefined) return []
    return [...room, { type: 'raised', at: now, alert: newAlert({ rule, subject, at, finding, now }) }]
  }

  /** A rule is kept again, or watches this no more. */
  planClear(id: string, at: number, now: number): AlertEvent[] {
    const alert = this.#open.get(id)
    if (!alert || alert.clearedAt !== undefined) return []
    const isOver = !alert.shelved && (alert.priority === 3 || alert.acknowledged !== undefined)
    return [
      changed('cleared', alert, now, { clearedAt: Math.max(at, alert.raisedAt), ...(isOver && { closedAt: now }) }),
    ]
  }

  /** A group has other members. */
  planGroupChange(id: string, sensors: readonly string[], now: number): AlertEvent[] {
    const alert = this.#open.get(id)
    const some = sensors.slice(0, maxSensorsOfAlert)
    if (!alert || some.length === 0 || some.join() === alert.sensors.join()) return []
    return [changed('changed', alert, now, { sensors: some, value: sensors.length })]
  }

  planAcknowledge({ ids, by, comment, now }: OperatorAction): AlertEvent[] {
    return this.#planEach(ids, (alert) => {
      if (alert.acknowledged) return undefined
      const isOver = alert.clearedAt !== undefined && !alert.shelved
      const change = { acknowledged: { by, at: now, comment }, ...(isOver && { closedAt: now }) }
      return { ...changed('acknowledged', alert, now, change), by, comment }
    })
  }

  /** `until` is epoch ms; shelving again sets another end. */
  planShelve({ ids, by, comment, now, until }: OperatorAction & { until: number }): AlertEvent[] {
    return this.#planEach(ids, (alert) => ({
      ...changed('shelved', alert, now, { shelved: { by, at: now, until, comment } }),
      by,
      comment,
    }))
  }

  planUnshelve({ ids, by, comment, now }: OperatorAction): AlertEvent[] {
    return this.#planEach(ids, (alert) => (alert.shelved ? { ...unshelved(alert, now), by, comment } : undefined))
  }

  /** What time alone does: shelves end, and what nobody acknowledged for long is closed. */
  planTimeouts(now: number): AlertEvent[] {
    const events: AlertEvent[] = []
    for (const alert of this.#open.values()) {
      const { shelved, clearedAt = now } = alert
      if (shelved) {
        if (shelved.until <= now) events.push(unshelved(alert, now))
      } else if (now - clearedAt > this.#limits.returnedMs)
        events.push(changed('closed', alert, now, { closedAt: now }))
    }
    return events
  }

  /** Says again what every open alert looks like, so that nothing older need be read to know it. */
  planCheckpoint(now: number): AlertEvent[] {
    return [...this.#open.values()].map((alert) => changed('carried', alert, now, {}))
  }

  #planEach(ids: readonly string[], plan: (alert: Alert) => AlertEvent | undefined): AlertEvent[] {
    const alerts = [...new Set(ids)].flatMap((id) => this.#open.get(id) ?? [])
    return alerts.flatMap((alert) => plan(alert) ?? [])
  }

  /** Closes the alert that returned to normal first; undefined when there is none. */
  #planRoom(now: number): AlertEvent[] | undefined {
    let oldest: Alert | undefined
    for (const alert of this.#open.values()) {
      if (alert.clearedAt === undefined || alert.shelved) continue
      if (oldest?.clearedAt === undefined || alert.clearedAt < oldest.clearedAt) oldest = alert
    }
    return oldest && [changed('closed', oldest, now, { closedAt: now })]
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

/** Where an alert is, as it is told. */
function locationOf({ kind, district, ward }: Subject, cause: Alert['cause']) {
  return { kind, district, ward, group: `${ward ?? district}/${cause}` }
}

function newAlert({ rule, subject, at, finding, now }: Raise): Alert {
  const { sensors } = subject
  const cause = rule.condition.type
  const { ward, ...place } = locationOf(subject, cause)
  return {
    id: `${now.toString(36)}${randomUUID().replaceAll('-', '').slice(0, 16)}`,
    revision: 1,
    rule: rule.id,
    name: rule.name,
    cause,
    priority: rule.priority,
    sensors: sensors.slice(0, maxSensorsOfAlert),
    ...place,
    ...(ward === undefined ? {} : { ward }),
    ...measured(finding),
    raisedAt: at,
    occurrences: 1,
  }
}

/** What was found, with its unit in UCUM too; a word has none. */
function measured(finding: Finding): Finding & Pick<Alert, 'unitCode'> {
  return typeof finding.value === 'string' ? finding : { ...finding, unitCode: unitCodes[finding.unit] }
}

function changed(type: AlertEvent['type'], alert: Alert, now: number, change: Change): AlertEvent {
  const changed = { ...alert, ...change, revision: alert.revision + 1 }
  // what is undefined is left out, so that memory and store hold the same; a change only takes away what may be absent
  const entries = Object.entries(changed).filter(([, value]) => value !== undefined)
  return { type, at: now, alert: Object.fromEntries(entries) as unknown as Alert }
}

/** What is over is closed; what lasts asks for attention again as it was. */
function unshelved(alert: Alert, now: number): AlertEvent {
  const isOver = alert.clearedAt !== undefined
  return changed('unshelved', alert, now, { shelved: undefined, ...(isOver && { closedAt: now }) })
}

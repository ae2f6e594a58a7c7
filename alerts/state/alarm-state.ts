import { randomUUID } from 'node:crypto'
import { type Alert, type AlertEvent, type Commanded, maxSensorsOfAlert } from '#telemetry/alert.ts'
import type { AlertRule } from '#telemetry/alert-rule.ts'
import type { Kind } from '#telemetry/kinds.ts'
import { unitCodes } from '#telemetry/units.ts'
import type { Finding } from '../conditions/condition-check.ts'

/** The state transitions of one alert after ISA-18.2 that the platform makes by itself. Pure: each returns the event, with the alert as it is after it. */

/** What an alert is about. */
export interface Subject {
  kind: Kind
  sensors: readonly string[]
  district: string
  ward?: string | undefined
}

/** What is known when a rule becomes active. Times are epoch ms. */
export interface Activation {
  rule: Pick<AlertRule, 'id' | 'name' | 'condition' | 'priority'>
  subject: Subject
  /** time of measuring */
  at: number
  finding: Finding
  /** absent when no command is the reason */
  commanded?: Commanded | undefined
  now: number
}

/** A change of an alert; what becomes undefined is removed. */
type Change = { [Name in keyof Alert]?: Alert[Name] | undefined }

/** Normal → unacknowledged: a new alert. */
export function raise({ rule, subject, at, finding, commanded, now }: Activation): AlertEvent {
  const cause = rule.condition.type
  const { ward, ...place } = locationOf(subject, cause)
  const alert: Alert = {
    id: `${now.toString(36)}${randomUUID().replaceAll('-', '').slice(0, 16)}`,
    revision: 1,
    rule: rule.id,
    name: rule.name,
    cause,
    priority: rule.priority,
    sensors: subject.sensors.slice(0, maxSensorsOfAlert),
    ...place,
    ...(ward === undefined ? {} : { ward }),
    ...withUnitCode(finding),
    ...(commanded && { commanded }),
    raisedAt: at,
    occurrences: 1,
  }
  return { type: 'raised', at: now, alert }
}

/** Returned → unacknowledged: the same alert once more. */
export function raiseAgain(alert: Alert, { subject, at, finding, commanded, now }: Activation): AlertEvent {
  return transition('again', alert, now, {
    ...(alert.cause !== 'group' && locationOf(subject, alert.cause)), // a sensor may have been moved
    ...withUnitCode(finding),
    commanded,
    clearedAt: undefined,
    // nobody has seen yet that it came again
    seen: undefined,
    raisedAt: at,
    occurrences: alert.occurrences + 1,
  })
}

/** A command became the reason of an active alert, another one is, or none is any more. */
export function changeCommand(alert: Alert, commanded: Commanded | undefined, now: number): AlertEvent {
  return transition(commanded ? 'commanded' : 'command-ended', alert, now, { commanded })
}

/** Active → returned to normal. A notice (priority 3) and an acknowledged alert are closed with it, unless shelved. */
export function returnToNormal(alert: Alert, at: number, now: number): AlertEvent {
  const isOver = !alert.shelved && (alert.priority === 3 || alert.acknowledged !== undefined)
  return transition('cleared', alert, now, {
    clearedAt: Math.max(at, alert.raisedAt),
    ...(isOver && { closedAt: now }),
  })
}

/** The end of shelving: an alert that returned to normal meanwhile is closed, an active one has the state it had before. */
export function endShelving(alert: Alert, now: number): AlertEvent {
  const isOver = alert.clearedAt !== undefined
  const lastShelved = alert.shelved && { ...alert.shelved, endedAt: now }
  return transition('unshelved', alert, now, { shelved: undefined, lastShelved, ...(isOver && { closedAt: now }) })
}

/** Any state → closed. */
export const close = (alert: Alert, now: number): AlertEvent => transition('closed', alert, now, { closedAt: now })

/** The event of a transition: the alert with the change, one revision on. */
export function transition(type: AlertEvent['type'], alert: Alert, now: number, change: Change): AlertEvent {
  const changed = { ...alert, ...change, revision: alert.revision + 1 }
  // what is undefined is left out, so that memory and store hold the same; a change only removes what may be absent
  const entries = Object.entries(changed).filter(([, value]) => value !== undefined)
  return { type, at: now, alert: Object.fromEntries(entries) as unknown as Alert }
}

/** Where an alert is, as it is shown. */
function locationOf({ kind, district, ward }: Subject, cause: Alert['cause']) {
  return { kind, district, ward, group: `${ward ?? district}/${cause}` }
}

/** What was measured, with its unit in UCUM too; a word has none. */
function withUnitCode(finding: Finding): Finding & Pick<Alert, 'unitCode'> {
  return typeof finding.value === 'string' ? finding : { ...finding, unitCode: unitCodes[finding.unit] }
}

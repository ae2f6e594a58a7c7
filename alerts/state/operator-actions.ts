import { type Alert, type AlertEvent, needsReasonToShelve } from '#telemetry/alert.ts'
import { ReasonNeededError } from '../errors.ts'
import { endShelving, transition } from './alarm-state.ts'

/** What an operator does to alerts: who, why, and when (epoch ms). */
export interface OperatorAction {
  ids: readonly string[]
  by: string
  comment: string
  now: number
}

/** To whom alerts are given, and what they are called now. */
export type AssignmentTo = Pick<NonNullable<Alert['assigned']>, 'to' | 'name'>

/** The action without its alerts. */
type Action = Omit<OperatorAction, 'ids'>

/** Acknowledges an alert; one that returned to normal is closed with it, unless shelved. Undefined when it was acknowledged before. */
export function acknowledge(alert: Alert, { by, comment, now }: Action): AlertEvent | undefined {
  if (alert.acknowledged) return undefined
  const isOver = alert.clearedAt !== undefined && !alert.shelved
  const change = { acknowledged: { by, at: now, comment }, ...(isOver && { closedAt: now }) }
  return { ...transition('acknowledged', alert, now, change), by, comment }
}

/** Gives an alert to a person or a team, or to another one than before; undefined when it is given to them with the same note already. */
export function assign(alert: Alert, { by, comment, now, to, name }: Action & AssignmentTo): AlertEvent | undefined {
  const { assigned } = alert
  if (assigned?.to === to && assigned.comment === comment) return undefined
  return { ...transition('assigned', alert, now, { assigned: { to, name, by, at: now, comment } }), by, comment }
}

/** Takes an alert from whom it was given to; undefined when it is given to nobody. */
export function unassign(alert: Alert, { by, comment, now }: Action): AlertEvent | undefined {
  return alert.assigned && { ...transition('unassigned', alert, now, { assigned: undefined }), by, comment }
}

/** Asks for a reason when one of the alerts to be shelved is critical. @throws ReasonNeededError when there is none */
export function requireReason(alerts: readonly Alert[], comment: string): void {
  const critical = comment.trim() === '' ? alerts.filter(needsReasonToShelve) : []
  if (critical.length > 0) throw new ReasonNeededError(critical.map(({ id }) => id))
}

/** Shelves an alert until a time (epoch ms); shelving it again sets another end. */
export function shelve(alert: Alert, { by, comment, now, until }: Action & { until: number }): AlertEvent {
  return { ...transition('shelved', alert, now, { shelved: { by, at: now, until, comment } }), by, comment }
}

/** Ends the shelving of an alert; undefined when it is not shelved. */
export function unshelve(alert: Alert, { by, comment, now }: Action): AlertEvent | undefined {
  return alert.shelved ? { ...endShelving(alert, now), by, comment } : undefined
}

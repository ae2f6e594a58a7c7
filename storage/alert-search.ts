import { z } from 'zod'
import { type Alert, type AlertState, alertSchema, alertState } from '#telemetry/alert.ts'
import { causes } from '#telemetry/alert-condition.ts'
import { unassigned } from '#telemetry/assignee.ts'
import { priorityWords } from '#telemetry/glossary/priority.ts'
import { kinds } from '#telemetry/kinds.ts'

const by = z.object({ by: z.string() })

/** What of a step of an alert it is searched by. */
const alertFactsSchema = alertSchema
  .pick({ id: true, revision: true, rule: true, cause: true, priority: true, kind: true, sensors: true })
  .extend(alertSchema.pick({ district: true, ward: true, raisedAt: true, clearedAt: true, closedAt: true }).shape)
  .extend({ acknowledged: by.optional(), shelved: by.optional(), assigned: by.extend({ to: z.string() }).optional() })
const stepFactsSchema = z.object({ by: z.string().optional(), alert: alertFactsSchema })
/** The same with who took the step; absent when the platform did. */
export type StepFacts = z.infer<typeof stepFactsSchema>

/** The facts of an event of the stream `alert`; undefined for what is no step: a checkpoint, or what has another shape. */
export function stepFactsOf(body: unknown): StepFacts | undefined {
  return stepFactsSchema.safeParse(body).data
}

/** Which alerts: those that have one of each list that is given. */
export interface AlertFilter {
  state?: readonly AlertState[] | undefined
  priority?: readonly number[] | undefined
  cause?: readonly string[] | undefined
  district?: readonly string[] | undefined
  ward?: readonly string[] | undefined
  kind?: readonly string[] | undefined
  sensor?: readonly string[] | undefined
  rule?: readonly string[] | undefined
  /** to whom it is given, as `assigneeSchema` has it; `nobody` for what is given to nobody */
  assignee?: readonly string[] | undefined
  /** names of those who did something about it */
  by?: readonly string[] | undefined
}

/** Which alerts to give: those that were open at some time with `from <= time < to` (epoch ms), the last raised first. */
export interface AlertSearch extends AlertFilter {
  from: number
  to: number
  /** steps with `stepsFrom <= ts < stepsTo` (epoch ms) count: those since `from`, and without an end, when absent */
  stepsFrom?: number
  stepsTo?: number
  /** what is not cleared yet was open until now, epoch ms */
  now: number
  /** alerts that are open as far as the caller knows: of two copies of an alert the higher revision counts */
  open: readonly Alert[]
  /** at most so many, behind the first `offset` */
  limit: number
  offset: number
}

/** One page of the alerts that were searched for, each as its newest step left it. */
export interface AlertsFound {
  /** all that fit */
  total: number
  alerts: Alert[]
  /** who did something about each alert of the page; those that nobody handled are left out */
  handledBy: Record<string, string[]>
  /** everyone who did something about any alert of the span, whatever the filters; the first {@link maxHandlers} by name */
  handlers: string[]
  /** false when the span holds more steps than the store looks at for one answer */
  complete: boolean
}

/** What an alert may have in this release. Of what only another one knows, nothing is found and nothing counted: it could not be given. */
export const knownFacts: Readonly<Record<'cause' | 'kind' | 'priority', ReadonlySet<string>>> = {
  cause: new Set(causes),
  kind: new Set(kinds),
  priority: new Set(Object.keys(priorityWords)),
}

/** Whether this release can give an alert. */
export const isKnown = ({ cause, kind, priority }: StepFacts['alert']): boolean =>
  knownFacts.cause.has(cause) && knownFacts.kind.has(kind) && knownFacts.priority.has(String(priority))

/** A stored step of an alert, as it is read: whatever the step was, for another release may know steps of its own. */
export const storedAlertSchema = z.object({ alert: alertSchema })

/** Names in one answer. */
export const maxHandlers = 1_000

/** Whether everything but who handled it fits. */
export function fitsFilter(alert: StepFacts['alert'], filter: AlertFilter): boolean {
  const fits = <T>(wanted: readonly T[] | undefined, ...found: readonly T[]) =>
    wanted === undefined || found.some((each) => wanted.includes(each))
  return (
    fits(filter.state, alertState(alert)) &&
    fits(filter.priority, alert.priority) &&
    fits(filter.cause, alert.cause) &&
    fits(filter.district, alert.district) &&
    fits(filter.ward, ...(alert.ward === undefined ? [] : [alert.ward])) &&
    fits(filter.kind, alert.kind) &&
    fits(filter.rule, alert.rule) &&
    fits(filter.assignee, alert.assigned?.to ?? unassigned) &&
    fits(filter.sensor, ...alert.sensors)
  )
}

/** Whether one of those who handled an alert is asked for. */
export function fitsHandlers(handlers: Iterable<string>, { by: wanted }: AlertFilter): boolean {
  return wanted === undefined || [...handlers].some((name) => wanted.includes(name))
}

/** Order of a history: the last raised first. */
export function byTimeRaised(a: Pick<Alert, 'id' | 'raisedAt'>, b: Pick<Alert, 'id' | 'raisedAt'>): number {
  return b.raisedAt - a.raisedAt || (a.id < b.id ? -1 : 1)
}

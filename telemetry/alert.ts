import { z } from 'zod'
import { causeSchema } from './alert-condition.ts'
import { prioritySchema } from './alert-rule.ts'
import { assigneeSchema } from './assignee.ts'
import { alertEventWords, alertStateWords } from './glossary/alert-state.ts'
import { wordedEnum } from './glossary/worded-enum.ts'
import { kindSchema } from './kinds.ts'
import { lampOverrideSchema } from './lamp-override.ts'
import { wordsSchema } from './language.ts'
import { callerNameSchema as person } from './people.ts'
import { plainText } from './plain-text.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'

/** What an operator writes when acknowledging, shelving or assigning. */
export const commentSchema = plainText.max(500)

/** Who shelved an alert, when, until when, and why. */
const shelvingSchema = z.object({ by: person, at: timestampSchema, until: timestampSchema, comment: commentSchema })

/** To whom an alert is given, what they were called then, by whom, when, and the note that goes with it. */
const assignmentSchema = z.object({
  to: assigneeSchema,
  name: person,
  by: person,
  at: timestampSchema,
  comment: commentSchema,
})

/** By whose command, since when and until when, a lamp is as an alert about it says. */
const commandedSchema = lampOverrideSchema.pick({ order: true, by: true, since: true })
export type Commanded = z.infer<typeof commandedSchema>

/** Most sensors that one alert names; of a larger group the first by id. */
export const maxSensorsOfAlert = 200

/** Id of an alert. */
export const alertIdSchema = z.string().regex(/^[a-z0-9]{1,40}$/, 'must be 1 to 40 lower-case letters or digits')

/** One alert with all that has happened to it. Times are epoch ms. */
export const alertSchema = z.object({
  id: alertIdSchema,
  /** counts up with each change: of two copies the higher one is newer */
  revision: z.number().int().min(1),
  /** id of the rule, which may have changed or gone since */
  rule: idSchema,
  /** what the rule was called then */
  name: wordsSchema,
  cause: causeSchema,
  priority: prioritySchema,
  kind: kindSchema,
  /** one, or for a group several */
  sensors: z.array(idSchema).min(1).max(maxSensorsOfAlert),
  district: idSchema,
  /** absent when the sensor has not said */
  ward: idSchema.optional(),
  /** ward (or district) and cause: a flood of alerts with the same key is one row of the page */
  group: z.string(),
  /** what was measured when it was raised; absent for what has no size */
  value: z.union([z.number(), z.string()]).optional(),
  /** name of the value as in values.ts; absent for an index */
  valueName: z.string().optional(),
  /** the limit it went beyond */
  limit: z.number().optional(),
  /** how far the value had moved, negative downwards; only of a rate of change, and absent in alerts of older releases */
  change: z.number().optional(),
  /** s within which it had moved so far */
  withinSeconds: z.number().optional(),
  /** of value, limit and change, as it is shown; empty for an index */
  unit: z.string(),
  /** the same in UCUM, such as ug/m3; absent for words, and in alerts of older releases */
  unitCode: z.string().optional(),
  /** the command that the lamp follows as the alert says, while it is in force; absent where no command is the reason */
  commanded: commandedSchema.optional(),
  /** when what raised it was measured */
  raisedAt: timestampSchema,
  /** how often it came while nobody had acknowledged it; coming again sets raisedAt anew */
  occurrences: z.number().int().min(1),
  /** when it went back to normal, its rule was switched off, or its sensor taken away */
  clearedAt: timestampSchema.optional(),
  acknowledged: z.object({ by: person, at: timestampSchema, comment: commentSchema }).optional(),
  /**
   * when it was first on the screen of somebody who is signed in, and whose; since it came again, where it did. Absent when nobody
   * has seen it, and in alerts of older releases
   */
  seen: z.object({ by: person, at: timestampSchema }).optional(),
  /** the person or team it is given to; stays as it is when they are renamed or removed */
  assigned: assignmentSchema.optional(),
  shelved: shelvingSchema.optional(),
  /** the last shelving that is over, and when it ended, by its time or by a person; absent in alerts of older releases */
  lastShelved: shelvingSchema.extend({ endedAt: timestampSchema }).optional(),
  /** when there was nothing left to do about it: then it is history */
  closedAt: timestampSchema.optional(),
})
export type Alert = z.infer<typeof alertSchema>

/** Whether shelving an alert asks for a reason, which is its comment, and for a second press on the page: a critical one. */
export const needsReasonToShelve = ({ priority }: Pick<Alert, 'priority'>): boolean => priority === 1

/** States of an alert after ISA-18.2: `unacknowledged` and `acknowledged` are active, `returned` is back to normal but not yet acknowledged, `closed` is history. */
export const alertStates = ['unacknowledged', 'acknowledged', 'returned', 'shelved', 'closed'] as const
export const alertStateSchema = wordedEnum(alertStates, alertStateWords)
export type AlertState = z.infer<typeof alertStateSchema>
/** States of an alert that is not history. */
export const openAlertStates: readonly AlertState[] = alertStates.filter((state) => state !== 'closed')

/** What tells the state of an alert. */
type Marks = Pick<Alert, 'closedAt' | 'clearedAt'> & { shelved?: object | undefined; acknowledged?: object | undefined }

/** The state of an alert. */
export function alertState(alert: Marks): AlertState {
  if (alert.closedAt !== undefined) return 'closed'
  if (alert.shelved) return 'shelved'
  if (alert.clearedAt !== undefined) return 'returned'
  return alert.acknowledged ? 'acknowledged' : 'unacknowledged'
}

/**
 * What happened to an alert. `raised` once; `again` when it came back before anyone acknowledged it; `changed` when a group
 * grew or shrank; `commanded` when a command became the reason of it, `command-ended` when that is over; `seen` when it was
 * first on somebody's screen; `assigned` to a person or a team, also to another one; `unshelved` by a person or by time;
 * `closed` when nothing is left to do; `carried` says again what an old alert that is still open looks like.
 */
export const alertEventTypes = [
  'raised',
  'again',
  'changed',
  'commanded',
  'command-ended',
  'cleared',
  'seen',
  'acknowledged',
  'assigned',
  'unassigned',
  'shelved',
  'unshelved',
  'closed',
  'carried',
] as const

/** One step of an alert's life as it is kept and told, with the alert as it is after it. */
export const alertEventSchema = z.object({
  type: wordedEnum(alertEventTypes, alertEventWords),
  /** when the platform took note, epoch ms */
  at: timestampSchema,
  /** who did it; absent when the platform did, and of `seen`: to see an alert is not to handle it, and the alert says who did */
  by: person.optional(),
  comment: commentSchema.optional(),
  alert: alertSchema,
})
export type AlertEvent = z.infer<typeof alertEventSchema>

/** Body of an event of the stream `alert` that is no step of one: every alert that is open at `at` has a step from then on. */
export const alertCheckpointSchema = z.object({ type: z.literal('checkpoint'), at: timestampSchema })

/** ms before a checkpoint from which on steps count with it: the clock may have been set back so far since */
export const alertCheckpointOverlapMs = 600_000

/** Puts the newest of two copies of each alert into `held` (id → alert), and takes out what is closed. Returns what was news. */
export function mergeAlerts(held: Map<string, Alert>, news: Iterable<Alert>): Alert[] {
  const taken: Alert[] = []
  for (const alert of news) {
    if ((held.get(alert.id)?.revision ?? 0) >= alert.revision) continue
    if (alert.closedAt === undefined) held.set(alert.id, alert)
    else held.delete(alert.id)
    taken.push(alert)
  }
  return taken
}

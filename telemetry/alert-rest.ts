import { z } from 'zod'
import { alertEventSchema, alertIdSchema, alertSchema, commentSchema } from './alert.ts'
import { alertRuleDraftSchema, alertRuleSchema } from './alert-rule.ts'
import { assigneeSchema } from './assignee.ts'
import { dayMs, minuteMs } from './durations.ts'
import { deadNotificationSchema } from './notification.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'

/**
 * Answer of `GET /api/v1/alerts`: what is open now, by priority and then newest first; with `from` and `to` every alert that was
 * open in that span, newest first. `total` counts all that fit; ask with `offset` for more.
 */
export const alertsResponse = z.object({
  now: timestampSchema,
  /** whether the part that watches answers; when not, the list is as it was last known */
  watching: z.boolean(),
  total: z.number().int(),
  alerts: z.array(alertSchema),
  /** who acknowledged, assigned, shelved or took back each of them; alerts that nobody handled are left out */
  handledBy: z.record(alertIdSchema, z.array(z.string())),
  /** everyone who handled any alert that is open, or was in the span, whatever the other filters */
  handlers: z.array(z.string()),
  /** false when the span holds more events than one answer looks at: ask for a shorter one */
  complete: z.boolean(),
})
export type AlertsResponse = z.infer<typeof alertsResponse>

/** Answer of `GET /api/v1/alerts/{id}`: an alert and its life, oldest first. */
export const alertResponse = z.object({ alert: alertSchema, events: z.array(alertEventSchema) })
export type AlertResponse = z.infer<typeof alertResponse>

const selection = z.array(alertIdSchema).min(1).max(1_000)

/** Body of `POST /api/v1/alerts/acknowledge`: one comment for the whole selection. */
export const acknowledgeBody = z.object({ ids: selection, comment: commentSchema.default('') })

/** Longest time an alert may be shelved, ms: a week. */
export const maxShelfMs = 7 * dayMs

/** Body of `POST /api/v1/alerts/shelve`: until a moment (epoch ms) or for so many minutes. For a critical alert the comment is the reason, and must not be empty. */
export const shelveBody = z
  .object({
    ids: selection,
    minutes: z
      .number()
      .int()
      .min(1)
      .max(maxShelfMs / minuteMs)
      .optional(),
    until: timestampSchema.optional(),
    comment: commentSchema.default(''),
  })
  .refine(({ minutes, until }) => (minutes === undefined) !== (until === undefined), {
    message: 'needs minutes or until, and not both',
    params: { fault: { code: 'MINUTES_OR_UNTIL', params: {} } },
  })

/** Body of `POST /api/v1/alerts/unshelve`. */
export const unshelveBody = z.object({ ids: selection, comment: commentSchema.default('') })

/** Body of `POST /api/v1/alerts/assign`: one assignee and one note for the whole selection. */
export const assignBody = z.object({ ids: selection, to: assigneeSchema, comment: commentSchema.default('') })

/** Body of `POST /api/v1/alerts/unassign`. */
export const unassignBody = z.object({ ids: selection, comment: commentSchema.default('') })

/** Answer of acknowledge, assign, shelve and what undoes them: the alerts as they are now, on disk. */
export const alertsChangedResponse = z.object({
  changed: z.array(alertSchema),
  /** ids for which there was nothing to do: unknown, closed, or already so */
  unchanged: z.array(alertIdSchema),
})
export type AlertsChanged = z.infer<typeof alertsChangedResponse>

/** Answer of `GET /api/v1/alert-rules`, by id. */
export const alertRulesResponse = z.object({ rules: z.array(alertRuleSchema) })
export type AlertRulesResponse = z.infer<typeof alertRulesResponse>

/** Body of `POST /api/v1/alert-rules`: the id is made from the English name when it is absent. Answers with an alertRuleSchema. */
export const newAlertRuleBody = z.object({ id: idSchema.optional(), rule: alertRuleDraftSchema })

/** Body of `PUT /api/v1/alert-rules/{id}`: `version` is the one that was read; another in the meantime answers 409 CONFLICT. */
export const changedAlertRuleBody = z.object({ version: z.number().int().min(1), rule: alertRuleDraftSchema })

/** Body of `POST /api/v1/alert-rules/dry-run`. */
export const dryRunBody = z.object({ rule: alertRuleDraftSchema, days: z.number().int().min(1).max(7).default(7) })

/** Most alerts that a dry run lists. */
export const maxDryRunAlerts = 200

/** Answer of a dry run: what the rule would have raised. */
export const dryRunResponse = z.object({
  from: timestampSchema,
  to: timestampSchema,
  /** "would have raised 12" */
  total: z.number().int(),
  /** sensors that the rule watches */
  sensors: z.number().int(),
  /** readings it was tried on */
  readings: z.number().int(),
  /** the newest first, at most 200 */
  alerts: z.array(
    z.object({
      sensors: z.array(idSchema),
      raisedAt: timestampSchema,
      clearedAt: timestampSchema.optional(),
      value: z.union([z.number(), z.string()]).optional(),
    }),
  ),
  /** false when the history was longer than one run looks at: then `from` is later than asked */
  complete: z.boolean(),
})
export type DryRunResponse = z.infer<typeof dryRunResponse>

/** Answer of `GET /api/v1/notifications`: what could not be delivered, newest first. `POST /api/v1/notifications/{id}/replay` tries one again. */
export const notificationsResponse = z.object({
  total: z.number().int(),
  notifications: z.array(deadNotificationSchema),
})
export type NotificationsResponse = z.infer<typeof notificationsResponse>

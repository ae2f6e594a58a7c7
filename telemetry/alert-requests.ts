import { z } from 'zod'
import { alertEventSchema, alertIdSchema, alertSchema, commentSchema } from './alert.ts'
import { alertRuleDraftSchema } from './alert-rule.ts'
import { assigneeSchema } from './assignee.ts'
import { knownFaults } from './faults/fault-table.ts'
import { requestFaultSchema } from './faults/request-faults.ts'
import { callerNameSchema } from './people.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'

/** What an api and alerts say to one another over MQTT. */

const counted = {
  /** changes with each start of alerts */
  session: z.string().min(1).max(64),
  /** counts the batches of events of this session */
  seq: z.number().int().min(0),
}

/** Payload of `city/v1/alerts/state`. */
export const alertServiceSchema = z.object({ ...counted, up: z.boolean() })
export type AlertService = z.infer<typeof alertServiceSchema>

/** Payload of `city/v1/alerts/event`. */
export const alertBatchSchema = z.object({ ...counted, events: z.array(alertEventSchema) })
export type AlertBatch = z.infer<typeof alertBatchSchema>

/** What alerts answers to `current`: every open alert, after the batch `seq`. */
export const currentAlertsSchema = z.object({ ...counted, alerts: z.array(alertSchema) })
export type CurrentAlerts = z.infer<typeof currentAlertsSchema>

const operatorAction = {
  ids: z.array(alertIdSchema).min(1).max(1_000),
  by: callerNameSchema,
  comment: commentSchema,
}
const by = operatorAction.by

/** What an api may ask of alerts. Who asks has been checked by the api. */
export const alertRequestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('current') }),
  z.object({ type: z.literal('acknowledge'), ...operatorAction }),
  z.object({ type: z.literal('shelve'), ...operatorAction, until: timestampSchema }),
  z.object({ type: z.literal('unshelve'), ...operatorAction }),
  /** `name`: what the assignee is called now; the api has found them */
  z.object({ type: z.literal('assign'), ...operatorAction, to: assigneeSchema, name: by }),
  z.object({ type: z.literal('unassign'), ...operatorAction }),
  /** alerts were on the screens of people; of each the first time counts, and any further changes nothing */
  z.object({
    type: z.literal('mark-seen'),
    seen: z
      .array(z.object({ id: alertIdSchema, by }))
      .min(1)
      .max(1_000),
  }),
  z.object({ type: z.literal('rules') }),
  z.object({ type: z.literal('add-rule'), id: idSchema.optional(), rule: alertRuleDraftSchema, by }),
  z.object({
    type: z.literal('change-rule'),
    id: idSchema,
    version: z.number().int().min(1),
    rule: alertRuleDraftSchema,
    by,
  }),
  z.object({ type: z.literal('remove-rule'), id: idSchema, by }),
  z.object({ type: z.literal('dry-run'), rule: alertRuleDraftSchema, days: z.number().int().min(1).max(7) }),
  /** Whoever sent the request of this id waits for it no longer; not answered. */
  z.object({ type: z.literal('cancel'), asked: z.string().min(1).max(64) }),
  z.object({ type: z.literal('notifications'), limit: z.number().int().min(1).max(1_000) }),
  z.object({ type: z.literal('replay-notification'), id: z.string().min(1).max(64) }),
])
export type AlertRequest = z.infer<typeof alertRequestSchema>

/** Payload of `city/v1/alerts/request`. The same id twice is the same request twice delivered. */
export const askedSchema = z.object({
  id: z.string().min(1).max(64),
  /** last level of the topic to answer on */
  answerTo: z.string().regex(/^[a-z0-9-]{1,64}$/),
  request: alertRequestSchema,
})
export type Asked = z.infer<typeof askedSchema>

/** Payload of `city/v1/alerts/answer/{client}`: a piece of an answer, which is JSON; in order, for a long one is several messages. */
export const answerPieceSchema = z.object({
  id: z.string().min(1).max(64),
  piece: z.string(),
  isLast: z.boolean(),
})
export type AnswerPiece = z.infer<typeof answerPieceSchema>

/** All pieces together. */
export const answerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({
    ok: z.literal(false),
    code: z.string(),
    /** an English sentence */
    detail: z.string(),
    /** the same as codes; absent where an older release answers, or a newer one with codes that are not known here */
    faults: knownFaults(requestFaultSchema),
  }),
])
export type Answer = z.infer<typeof answerSchema>

import { z } from 'zod'
import { lampOrderSchema } from './command.ts'
import { wordsSchema } from './language.ts'
import { personRoleSchema, rightSchema } from './people.ts'

/** How somebody signs in; `bearer` is a token that a program sends with a request. */
export const signInWays = ['password', 'token', 'invitation', 'openid', 'bearer', 'live feed'] as const
export const signInWaySchema = z.enum(signInWays)
export type SignInWay = z.infer<typeof signInWaySchema>

const nothing = z.object({})
const way = signInWaySchema
const alert = z.object({ comment: z.string() })
const rule = z.object({ version: z.number(), name: wordsSchema })
const lampIds = z.array(z.string())

/** What the audit log tells: the codes of what is done, and for each what else is kept of it, its `detail`; never a secret. */
export const auditActions = {
  'session.begin': z.object({ way }),
  /** one of these stands for `before` more of the same address, some of them at `others`: names of people there are */
  'session.refuse': z.object({ way, before: z.number().optional(), others: z.array(z.string()).optional() }),
  'session.end': nothing,
  'session.end-all': nothing,
  'person.add': z.object({ role: personRoleSchema }),
  'person.change': z.object({ role: personRoleSchema.optional(), disabled: z.boolean().optional() }),
  'person.invite': nothing,
  'person.password': nothing,
  'team.add': nothing,
  'team.change': z.object({ name: z.string() }),
  'team.remove': nothing,
  /** `until`: epoch ms */
  'key.add': z.object({ rights: z.array(rightSchema), until: z.number() }),
  'key.revoke': nothing,
  'alert.acknowledge': alert,
  'alert.shelve': alert,
  'alert.unshelve': alert,
  /** `target` is whose duty it is */
  'shift.duty-begin': nothing,
  'shift.duty-end': nothing,
  'shift.note': nothing,
  'shift.correction': nothing,
  /** `handedBy`: who left the duty */
  'shift.hand-over': z.object({ handedBy: z.array(z.string()), comment: z.string() }),
  /** `to`: the name of the person or team */
  'alert.assign': z.object({ to: z.string(), comment: z.string() }),
  'alert.unassign': alert,
  /** `target` is the sensor */
  'data.correct': z.object({ entry: z.string(), value: z.string().optional(), reason: z.string() }),
  'data.undo': z.object({ entry: z.string(), undoes: z.string(), reason: z.string() }),
  'data.confirm': z.object({ entry: z.string(), comment: z.string() }),
  'data.reject': z.object({ entry: z.string(), comment: z.string() }),
  'alert-rule.add': rule,
  'alert-rule.change': rule,
  'alert-rule.remove': rule,
  'lamps.command': z.object({
    command: z.string(),
    order: lampOrderSchema,
    comment: z.string().optional(),
    lamps: lampIds,
  }),
  /** `acknowledged`: how many; `refused`: what each lamp said, in its own words */
  'lamps.command.outcome': z.object({
    command: z.string(),
    acknowledged: z.number(),
    timedOut: lampIds,
    unsent: lampIds,
    refused: z.record(z.string(), z.string()),
  }),
  'notification.replay': nothing,
} as const
export type AuditAction = keyof typeof auditActions

/** A code of what is done with its detail, which is left out where there is nothing to tell. */
export type AuditedAction = {
  [Action in AuditAction]: z.infer<(typeof auditActions)[Action]> extends Record<string, never>
    ? { what: Action }
    : { what: Action; detail: z.infer<(typeof auditActions)[Action]> }
}[AuditAction]

/** How many lamps a command, or its outcome, is about; undefined for anything else. */
export function auditedLamps(what: string, detail: unknown): number | undefined {
  if (what === 'lamps.command') return auditActions[what].safeParse(detail).data?.lamps.length
  if (what !== 'lamps.command.outcome') return undefined
  const { data } = auditActions[what].safeParse(detail)
  return data && data.acknowledged + data.timedOut.length + data.unsent.length + Object.keys(data.refused).length
}

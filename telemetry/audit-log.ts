import { z } from 'zod'
import { timestampSchema } from './reading-parts.ts'

/** One line of the audit log: who did what, to what, from where, when. */
export const auditEntrySchema = z.object({
  id: z.string(),
  /** epoch ms */
  at: timestampSchema,
  /** name of the person or program; empty when nobody was signed in */
  who: z.string(),
  /** a code of what was done, such as `alert.acknowledge`: those of audit-actions.ts, and of other releases */
  what: z.string(),
  /** what it was done to: the id of an alert, a sensor, a rule, the name of a person */
  target: z.string(),
  /** the address it came from */
  from: z.string(),
  /** what else is kept of it: for each code as audit-actions.ts says */
  detail: z.record(z.string(), z.unknown()).optional(),
})
export type AuditEntry = z.infer<typeof auditEntrySchema>

/** Answer of `GET /api/v1/trail`, newest first; `truncated` when there is more in the span asked for. */
export const auditLogResponse = z.object({ entries: z.array(auditEntrySchema), truncated: z.boolean() })
export type AuditLogResponse = z.infer<typeof auditLogResponse>

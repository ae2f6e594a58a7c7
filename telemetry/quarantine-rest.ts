import { z } from 'zod'
import { knownFaults } from './faults/fault-table.ts'
import { messageFaultSchema } from './faults/message-faults.ts'
import { timestampSchema } from './reading-parts.ts'

/** Code of an entry that stands for refused messages for which the quarantine had no room: they are counted alone. */
export const notKeptCode = 'NOT_KEPT'

/** A message that did not validate. */
export const quarantinedSchema = z.object({
  /** when it was refused, epoch ms */
  ts: timestampSchema,
  topic: z.string(),
  /** the payload, or its first bytes, as text */
  payload: z.string(),
  /** bytes of the whole payload; the message can be given again only when all of them are here */
  payloadBytes: z.number().int(),
  /** stable word for the kind of fault */
  code: z.string(),
  /** what is wrong, as an English sentence */
  reason: z.string(),
  /** what else is wrong with the same message */
  more: z.array(z.string()).optional(),
  /**
   * the same as codes, in the same order: that of `reason`, then those of `more`. Absent in entries of older releases;
   * without the codes of a newer one that are not known here.
   */
  faults: knownFaults(messageFaultSchema),
  /** whether its other values are good and stored */
  partial: z.boolean().optional(),
  /** how many messages with this topic and reason this entry stands for */
  count: z.number().int().min(1),
})
export type Quarantined = z.infer<typeof quarantinedSchema>

/** Answer of `GET /api/v1/quarantine`, newest first; `truncated` when there is more in the span asked for. */
export const quarantineResponse = z.object({
  total: z.number().int(),
  entries: z.array(quarantinedSchema),
  truncated: z.boolean().default(false),
})
export type QuarantineResponse = z.infer<typeof quarantineResponse>

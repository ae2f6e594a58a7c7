import { z } from 'zod'
import { handOverSnapshotSchema, onDutySchema } from './hand-over.ts'
import { timestampSchema } from './reading-parts.ts'
import {
  correctionSchema,
  handOverHeadSchema,
  handOverSchema,
  noteSchema,
  shiftEntryIdSchema,
  shiftEntrySchema,
} from './shift-log.ts'

/** Who is on duty, longest first, and the newest entry of the shift log. */
export const shiftStateSchema = z.object({
  now: timestampSchema,
  onDuty: z.array(onDutySchema),
  /** absent while the log is empty, or has not been read */
  newest: shiftEntryIdSchema.optional(),
})
export type ShiftState = z.infer<typeof shiftStateSchema>

/** Answer of `GET /api/v1/shift-log`, newest first; `truncated` when there is more in the span: ask with `to` of the last entry's `at`. */
export const shiftLogResponse = z.object({
  entries: z.array(shiftEntrySchema),
  /** of the notes in `entries`, also those recorded after the span */
  corrections: z.array(correctionSchema),
  truncated: z.boolean(),
})
export type ShiftLogResponse = z.infer<typeof shiftLogResponse>

const notes = z.array(z.discriminatedUnion('type', [noteSchema, correctionSchema]))

/** Answer of `GET /api/v1/shift-log/snapshot`: what a hand-over lists now. Signing sends `snapshot` and `seal` back as they are. */
export const snapshotResponse = z.object({ snapshot: handOverSnapshotSchema, notes, seal: z.string() })
export type SnapshotResponse = z.infer<typeof snapshotResponse>

/** Answer of `GET /api/v1/shift-log/hand-overs`, newest first. */
export const handOversResponse = z.object({ handOvers: z.array(handOverHeadSchema), truncated: z.boolean() })
export type HandOversResponse = z.infer<typeof handOversResponse>

/** Answer of `GET /api/v1/shift-log/hand-overs/{id}`: a hand-over as it was signed, with the notes it lists. */
export const handOverResponse = z.object({ handOver: handOverSchema, notes })
export type HandOverResponse = z.infer<typeof handOverResponse>

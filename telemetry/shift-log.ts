import { z } from 'zod'
import { alertIdSchema, commentSchema } from './alert.ts'
import { prioritySchema } from './alert-rule.ts'
import { handOverSnapshotSchema } from './hand-over.ts'
import { wordsSchema } from './language.ts'
import { callerNameSchema as person } from './people.ts'
import { plainLine, plainText } from './plain-text.ts'
import { positionSchema } from './position.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'

/** Id of an entry of the shift log: the time it was recorded (epoch ms, base 36), and 48 random bits. */
export const shiftEntryIdSchema = z
  .string()
  .regex(/^[0-9a-z]{8}-[0-9a-f]{12}$/, 'must be 8 letters or digits, a hyphen and 12 hexadecimal digits')

/** Text of a note. */
export const noteTextSchema = plainText.min(1).max(1_000)

/** A point on the map with the name that somebody gives it. */
const pointSchema = z.object({ type: z.literal('point'), position: positionSchema, name: plainLine.min(1).max(120) })

/** What a note is to be about: an alert, a sensor, a ward or district, or a point on the map. */
export const newAttachmentSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('alert'), id: alertIdSchema }),
  z.object({ type: z.literal('sensor'), id: idSchema }),
  z.object({ type: z.literal('area'), district: idSchema, ward: idSchema.optional() }),
  pointSchema,
])
export type NewAttachment = z.infer<typeof newAttachmentSchema>

/** What a note is about, as it was named when the note was written. */
const attachmentSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('alert'),
    id: alertIdSchema,
    name: wordsSchema,
    priority: prioritySchema,
    /** the first of its sensors */
    sensor: idSchema,
  }),
  z.object({ type: z.literal('sensor'), id: idSchema, name: wordsSchema.optional() }),
  z.object({ type: z.literal('area'), district: idSchema, ward: idSchema.optional(), name: wordsSchema }),
  pointSchema,
])
export type Attachment = z.infer<typeof attachmentSchema>

/** What every entry of the shift log has: when it was recorded (epoch ms) and by whom. */
const recorded = { id: shiftEntryIdSchema, at: timestampSchema, by: person }

/** A note of the shift log. It is never changed: what is wrong with it says a {@link correctionSchema}. */
export const noteSchema = z.object({
  type: z.literal('note'),
  ...recorded,
  /** when what it tells of happened, epoch ms */
  happenedAt: timestampSchema,
  text: z.string(),
  attachment: attachmentSchema.optional(),
})
export type Note = z.infer<typeof noteSchema>

/** What stands in place of the text of an older note. */
export const correctionSchema = z.object({
  type: z.literal('correction'),
  ...recorded,
  /** id of the note */
  corrects: shiftEntryIdSchema,
  text: z.string(),
})
export type Correction = z.infer<typeof correctionSchema>

/** Somebody takes the duty or leaves it. */
export const dutySchema = z.object({
  type: z.literal('duty'),
  ...recorded,
  /** whose duty begins or ends: another person may end it for who forgot to */
  person,
  step: z.enum(['begin', 'end']),
  /** id of the hand-over it belongs to; absent when there was none */
  handOver: shiftEntryIdSchema.optional(),
})
export type Duty = z.infer<typeof dutySchema>

/** A shift hand-over: what `by`, who takes over, has read and signed. `at` is when it was signed, `snapshot.at` when it was read. */
export const handOverSchema = z.object({
  type: z.literal('hand-over'),
  ...recorded,
  /** who handed over and left the duty; nobody when a person alone signed it */
  from: z.array(person),
  comment: z.string(),
  snapshot: handOverSnapshotSchema,
})
export type HandOver = z.infer<typeof handOverSchema>

/** How much a hand-over listed. */
const totalsSchema = z.object({
  open: z.number().int(),
  /** of these of priority 1 */
  critical: z.number().int(),
  shelved: z.number().int(),
  overridden: z.number().int(),
  offline: z.number().int(),
  notes: z.number().int(),
})

/** A hand-over without what it listed. */
export const handOverHeadSchema = handOverSchema
  .omit({ snapshot: true })
  .extend({ readAt: timestampSchema, since: timestampSchema.optional(), totals: totalsSchema })
export type HandOverHead = z.infer<typeof handOverHeadSchema>

/** An entry of the shift log as the store has it. */
export const storedShiftEntrySchema = z.discriminatedUnion('type', [
  noteSchema,
  correctionSchema,
  dutySchema,
  handOverSchema,
])
export type StoredShiftEntry = z.infer<typeof storedShiftEntrySchema>

/** An entry of the shift log as it is listed. */
export const shiftEntrySchema = z.discriminatedUnion('type', [
  noteSchema,
  correctionSchema,
  dutySchema,
  handOverHeadSchema,
])
export type ShiftEntry = z.infer<typeof shiftEntrySchema>

/** A hand-over without what it listed. */
export function headOf({ snapshot, ...handOver }: HandOver): HandOverHead {
  const { at, since, open, shelved, overridden, offline, notes } = snapshot
  return {
    ...handOver,
    readAt: at,
    ...(since === undefined ? {} : { since }),
    totals: {
      open: open.total,
      critical: open.critical,
      shelved: shelved.total,
      overridden: overridden.total,
      offline: offline.total,
      notes: notes.total,
    },
  }
}

/** Body of `POST /api/v1/shift-log/notes`: `happenedAt` (epoch ms) is now when it is absent. Answers with a noteSchema. */
export const newNoteBody = z.object({
  text: noteTextSchema,
  happenedAt: timestampSchema.optional(),
  attachment: newAttachmentSchema.optional(),
})
export type NewNote = z.infer<typeof newNoteBody>

/** Body of `POST /api/v1/shift-log/corrections`. Answers with a correctionSchema. */
export const newCorrectionBody = z.object({ corrects: shiftEntryIdSchema, text: noteTextSchema })

/** Body of `POST /api/v1/shift-log/duty`: of the caller, or of `person`, who may only be taken off. */
export const dutyBody = z.object({ step: z.enum(['begin', 'end']), person: person.optional() })

/** Body of `POST /api/v1/shift-log/hand-overs`: what was read, as it was given, and who leaves the duty. Answers with a handOverHeadSchema. */
export const newHandOverBody = z.object({
  snapshot: handOverSnapshotSchema,
  seal: z.string().max(200),
  from: z.array(person).max(100).default([]),
  comment: commentSchema.default(''),
})
export type NewHandOver = z.infer<typeof newHandOverBody>

import { z } from 'zod'
import { dayMs } from './durations.ts'
import { kindSchema } from './kinds.ts'
import { callerNameSchema as person } from './people.ts'
import { plainLine, plainText } from './plain-text.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'
import { shiftEntryIdSchema } from './shift-log.ts'

/** Longest span of one correction, ms. */
export const maxCorrectionMs = 400 * dayMs
/** How far ahead a correction may end, ms: maintenance that is planned. */
export const maxCorrectionAheadMs = 92 * dayMs
/** Most readings that one file corrects. */
export const maxFilePoints = 5_000
/** Most entries about one sensor. */
export const maxCorrectionsOfSensor = 2_000
/** Most entries in one answer. */
export const maxCorrectionsOfAnswer = 500

/** Id of an entry: made as those of the shift log. */
export const correctionIdSchema = shiftEntryIdSchema

const reasonSchema = plainText.min(1).max(500)
const number = z.number().min(-1e6).max(1e6)

/** Left out, and why: not valid, being calibrated, under maintenance. */
const excludeSchema = z.object({ type: z.literal('exclude'), as: z.enum(['invalid', 'calibrating', 'maintenance']) })
/** Counts as `value × factor + offset`. */
const linearSchema = z.object({ type: z.literal('linear'), factor: number.default(1), offset: number.default(0) })

/** What a correction does, as it is entered. */
export const newChangeSchema = z.discriminatedUnion('type', [
  excludeSchema,
  linearSchema,
  z.object({
    type: z.literal('file'),
    name: plainLine.max(120).optional(),
    /** CSV: lines of time (epoch ms or ISO 8601) and value */
    text: z.string().max(400_000),
  }),
])

/** What a correction does. */
const changeSchema = z.discriminatedUnion('type', [
  excludeSchema,
  linearSchema,
  z.object({ type: z.literal('file'), name: z.string().optional(), points: z.number().int().min(1) }),
])

/** What every entry has: when it was recorded (epoch ms), by whom, and which sensor it is about. */
const recorded = { id: correctionIdSchema, at: timestampSchema, by: person, kind: kindSchema, sensor: idSchema }

/** What somebody decided about a span of a sensor: readings with `from <= ts < to` (epoch ms). The readings themselves stay as they are. */
const correctionSchema = z.object({
  type: z.literal('correction'),
  ...recorded,
  /** name of the value; absent: all values of the sensor */
  value: z.string().optional(),
  from: timestampSchema,
  to: timestampSchema,
  change: changeSchema,
  reason: z.string(),
  /** it counts once a second person has confirmed it */
  needsConfirmation: z.boolean(),
})
export type DataCorrection = z.infer<typeof correctionSchema>

/** An entry is void from now on: a correction, or an undoing. */
const undoingSchema = z.object({
  type: z.literal('undoing'),
  ...recorded,
  /** id of the entry */
  undoes: correctionIdSchema,
  reason: z.string(),
  needsConfirmation: z.boolean(),
})
export type Undoing = z.infer<typeof undoingSchema>

/** A second person has decided about an entry that needs it. */
const verdictSchema = z.object({
  type: z.literal('verdict'),
  ...recorded,
  /** id of the entry */
  about: correctionIdSchema,
  verdict: z.enum(['confirmed', 'rejected']),
  comment: z.string(),
})
export type Verdict = z.infer<typeof verdictSchema>

/** An entry as the store has it, body of an event of the stream `correction`. Entries are never changed. */
export const storedCorrectionSchema = z.discriminatedUnion('type', [correctionSchema, undoingSchema, verdictSchema])
export type StoredCorrection = z.infer<typeof storedCorrectionSchema>

/** Body of an event of the stream `correction-file`: the points of the correction with this id. */
export const correctionFileSchema = z.object({
  correction: correctionIdSchema,
  points: z.array(z.tuple([timestampSchema, z.number()])),
})

/** Whether an entry counts: it waits for a second person, was rejected, is in force, or was undone. */
export const correctionStateSchema = z.enum(['waiting', 'rejected', 'in-force', 'undone'])
export type CorrectionState = z.infer<typeof correctionStateSchema>

const decided = {
  state: correctionStateSchema,
  /** what a second person decided */
  verdict: verdictSchema.pick({ at: true, by: true, verdict: true, comment: true }).optional(),
}

/** An entry as it is listed. */
export const correctionEntrySchema = z.discriminatedUnion('type', [
  correctionSchema.extend(decided),
  undoingSchema.extend(decided),
])
export type CorrectionEntry = z.infer<typeof correctionEntrySchema>

/**
 * Body of `POST /api/v1/corrections`. `from` and `to` are those of the file where there is one. `seen`: the newest entry about the
 * sensor that the caller knows of; then the correction is refused when somebody has corrected the same meanwhile.
 */
export const newCorrectionBody = z.object({
  sensor: idSchema,
  value: z.string().min(1).max(64).optional(),
  from: timestampSchema.optional(),
  to: timestampSchema.optional(),
  change: newChangeSchema,
  reason: reasonSchema,
  seen: z.union([correctionIdSchema, z.literal('')]).optional(),
})
export type NewCorrection = z.infer<typeof newCorrectionBody>

/** Body of `POST /api/v1/corrections/{id}/undo`. */
export const undoBody = z.object({ reason: reasonSchema })
/** Body of `POST /api/v1/corrections/{id}/confirm` and `/reject`. */
export const verdictBody = z.object({ comment: plainText.max(500).default('') })

/** Body of `POST /api/v1/corrections/dry-run`: a new correction, or what confirming or undoing an entry would change. */
export const correctionDryRunBody = z.union([
  newCorrectionBody.omit({ reason: true, seen: true }),
  z.object({ confirm: correctionIdSchema }),
  z.object({ undo: correctionIdSchema }),
])
export type CorrectionDryRun = z.infer<typeof correctionDryRunBody>

const figures = z.object({
  /** readings that count */
  count: z.number().int(),
  /** in the value's unit; absent when none counts, and of words */
  mean: z.number().optional(),
})

/** Answer of `POST /api/v1/corrections/dry-run`. */
export const correctionDryRunResponse = z.object({
  sensor: idSchema,
  kind: kindSchema,
  from: timestampSchema,
  to: timestampSchema,
  /** of each value that would change: how many readings, and what those of the span come to, before and after */
  values: z.array(
    z.object({
      value: z.string(),
      changed: z.number().int(),
      before: figures,
      after: figures,
      /** readings that would count as what such a sensor cannot measure */
      outOfRange: z.number().int(),
    }),
  ),
  /** hours (UTC) that change, and local days of the city, as 2026-11-29 */
  hours: z.number().int(),
  days: z.array(z.string()),
  /** of a file: points at whose time there is no reading; they change nothing */
  unmatched: z.number().int(),
  /** ids of the entries in force that it takes the place of, in part or altogether */
  replaces: z.array(correctionIdSchema),
  /** the newest entry about the sensor; send it with the correction. Empty when there is none */
  seen: z.union([correctionIdSchema, z.literal('')]),
  /** true when there are more readings than are looked at: the figures are of those before `readTo` */
  truncated: z.boolean(),
  readTo: timestampSchema,
})
export type CorrectionDryRunResponse = z.infer<typeof correctionDryRunResponse>

/** Answer of `GET /api/v1/corrections`, newest first; `truncated` when there are more: ask with `before` of the last entry's `at`. */
export const correctionsResponse = z.object({
  entries: z.array(correctionEntrySchema),
  /** whether a second person has to confirm new ones */
  needConfirmation: z.boolean(),
  truncated: z.boolean(),
})
export type CorrectionsResponse = z.infer<typeof correctionsResponse>

/** Answer of `GET /api/v1/corrections/{id}`: the entry, and of a file its points. */
export const correctionResponse = z.object({
  entry: correctionEntrySchema,
  points: z.array(z.tuple([timestampSchema, z.number()])).optional(),
})
export type CorrectionResponse = z.infer<typeof correctionResponse>

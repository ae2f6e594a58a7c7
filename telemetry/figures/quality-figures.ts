import { z } from 'zod'
import { kindSchema } from '../kinds.ts'
import {
  figureBucketShape,
  figureGroupSchema,
  figureSpanShape,
  readingStateShape,
  shareSchema,
} from './figure-shapes.ts'

/** The parts of the data quality (1709/BKHCN-CĐSQG, 2025: đúng, đủ, sạch, sống). */
export const qualityParts = ['correct', 'complete', 'clean', 'live'] as const
export type QualityPart = (typeof qualityParts)[number]

/** How each score follows from the numbers that stand beside it. */
export const qualityFormulas = {
  correct: 'readings / (readings + refused)',
  complete: 'timely / expected',
  clean: 'plausible / judged',
  live: 'freshMs / spanMs',
  score: 'min(correct, complete, clean, live)',
} as const

const count = z.number().int().min(0)
const ms = z.number().min(0)

const qualityTermsShape = {
  /** readings that there are, whatever the state of the device */
  readings: count,
  /** readings that the sensors' reporting steps promise, in the part of the span that is over */
  expected: count,
  /** readings, of each sensor and bucket no more than were expected: more in one do not make up for a gap in another */
  timely: count,
  /** messages that did not validate; absent when it is not known */
  refused: count.optional(),
  /** readings that were looked at, and those of them that can be true; absent when there were too many to look at */
  judged: count.optional(),
  plausible: count.optional(),
  /** ms in which the newest reading was not older than three reporting steps, and ms that the sensors were there */
  freshMs: ms,
  spanMs: ms,
  ...readingStateShape,
}
export const qualityTermsSchema = z.object(qualityTermsShape)
export type QualityTerms = z.infer<typeof qualityTermsSchema>

const qualityFiguresShape = {
  ...qualityTermsShape,
  correct: shareSchema.optional(),
  complete: shareSchema.optional(),
  clean: shareSchema.optional(),
  live: shareSchema.optional(),
  /** the least of those that are known: a chain is as strong as its weakest link; absent when none is */
  score: shareSchema.optional(),
}

/** Where to see what a score stands on: addresses of this api. */
const linksSchema = z.object({
  /** the readings of a sensor */
  readings: z.string().optional(),
  /** its messages that did not validate */
  refused: z.string().optional(),
  /** the same figures hour by hour */
  hours: z.string().optional(),
  /** the figures of each sensor of a group */
  sensors: z.string().optional(),
})
export type QualityLinks = z.infer<typeof linksSchema>

/** Why a part of the quality is not known. */
const unknownPartSchema = z.discriminatedUnion('code', [
  /** more readings than one answer looks at: ask for a shorter span or fewer sensors */
  z.object({
    part: z.literal('clean'),
    code: z.literal('TOO_MANY_READINGS'),
    params: z.object({ readings: count, most: count }),
  }),
  /** more refused messages than one answer looks at */
  z.object({ part: z.literal('correct'), code: z.literal('TOO_MANY_REFUSED'), params: z.object({ most: count }) }),
  /** messages that did not validate are kept for so many days */
  z.object({ part: z.literal('correct'), code: z.literal('REFUSED_NOT_KEPT'), params: z.object({ days: count }) }),
])
export type UnknownPart = z.infer<typeof unknownPartSchema>

/** Answer of `GET /api/v1/figures/quality`: groups with the lowest score first, those without any last. */
export const qualityFiguresResponse = z.object({
  ...figureSpanShape,
  window: z.string().optional(),
  formulas: z.record(z.enum([...qualityParts, 'score']), z.string()),
  /** parts that are not known of this answer */
  unknown: z.array(unknownPartSchema),
  groups: z.array(
    z.object({
      ...figureGroupSchema.shape,
      /** absent of a group with sensors of several kinds */
      kind: kindSchema.optional(),
      ...qualityFiguresShape,
      links: linksSchema,
      series: z.array(z.object({ ...figureBucketShape, ...qualityFiguresShape })).optional(),
    }),
  ),
  /** groups in all: `groups` holds no more than were asked for */
  total: count,
})
export type QualityFiguresResponse = z.infer<typeof qualityFiguresResponse>

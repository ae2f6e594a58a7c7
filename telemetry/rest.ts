import { z } from 'zod'
import { districtSchema } from './district.ts'
import { kindSchema } from './kinds.ts'
import { idSchema, timestampSchema } from './reading.ts'
import { positionSchema, sensorStateSchema } from './sensor.ts'

/** Answer of `GET /api/v1/districts`. */
export const districtsResponse = z.object({ districts: z.array(districtSchema) })

/** Answer of `GET /api/v1/sensors`: GeoJSON (RFC 7946); a sensor without meta has a null geometry. */
export const sensorsResponse = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(
    z.object({
      type: z.literal('Feature'),
      id: idSchema,
      geometry: z.object({ type: z.literal('Point'), coordinates: positionSchema }).nullable(),
      properties: sensorStateSchema,
    }),
  ),
})

/** Aggregates of a time bucket. */
export const aggregates = ['mean', 'min', 'max', 'count', 'p50', 'p95'] as const
export const aggregateSchema = z.enum(aggregates)
export type Aggregate = z.infer<typeof aggregateSchema>

/** Lengths of a time bucket, ms. Buckets of a day begin at midnight UTC. */
export const windows = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '1d': 86_400_000,
} as const
export type Window = keyof typeof windows

/** Answer of `GET /api/v1/sensors/{id}/history`: points in order of time; `ts` is the bucket's start or the reading's time. */
export const historyResponse = z.object({
  sensor: idSchema,
  value: z.string(),
  unit: z.string(),
  window: z.string(),
  fn: aggregateSchema.optional(),
  points: z.array(z.object({ ts: timestampSchema, value: z.union([z.number(), z.string()]) })),
  /** true when there was more than one answer holds: ask from the last time on */
  truncated: z.boolean(),
})
export type HistoryResponse = z.infer<typeof historyResponse>

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
  /** what is wrong, in plain words */
  reason: z.string(),
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

/** Query of `GET /api/v1/sensors` and of `GET /api/v1/readings/latest`. */
export const sensorsQuery = z.object({ district: idSchema.optional(), kind: kindSchema.optional() })

/** An error answer, application/problem+json (RFC 9457). */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  code: z.string(),
  /** names this request in the answer's header `x-request-id` and in the log */
  requestId: z.string(),
})
export type Problem = z.infer<typeof problemSchema>

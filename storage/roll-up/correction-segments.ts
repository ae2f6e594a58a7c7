import { z } from 'zod'
import { type Kind, kindSchema } from '#telemetry/kinds.ts'
import { idSchema, timestampSchema } from '#telemetry/reading-parts.ts'
import { type CorrectionSegment, exclusions, type SensorCorrections } from '../roll-ups.ts'
import type { TelemetryStore } from '../store.ts'

const collection = 'correction-segments'

const segmentSchema = z.object({
  value: z.string(),
  from: timestampSchema,
  to: timestampSchema,
  exclusion: z.enum(exclusions).optional(),
  factor: z.number(),
  offset: z.number(),
})

const bodySchema = z.object({ kind: kindSchema, sensor: idSchema, segments: z.array(segmentSchema) })

/** Keeps what is decided about a sensor's values as a document, in the place of what was decided before. */
export async function putSegments(
  store: Pick<TelemetryStore, 'putDocument'>,
  { kind, sensor, segments }: Pick<SensorCorrections, 'kind' | 'sensor' | 'segments'>,
): Promise<void> {
  await store.putDocument(collection, { id: `${kind}/${sensor}`, body: { kind, sensor, segments } })
}

/** What is decided about one value of each sensor of a kind. */
export async function readSegments(
  store: Pick<TelemetryStore, 'readDocuments'>,
  kind: Kind,
  value: string,
): Promise<Map<string, CorrectionSegment[]>> {
  const documents = await store.readDocuments(collection)
  const found = new Map<string, CorrectionSegment[]>()
  for (const { body } of documents) {
    const decided = bodySchema.parse(body)
    if (decided.kind !== kind) continue
    const segments = decided.segments.filter((segment) => segment.value === value)
    if (segments.length > 0) found.set(decided.sensor, segments.map(plain))
  }
  return found
}

const plain = ({ exclusion, ...rest }: z.infer<typeof segmentSchema>): CorrectionSegment =>
  exclusion === undefined ? rest : { ...rest, exclusion }

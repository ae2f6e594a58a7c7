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

/** What is decided about the values of each sensor of a kind. */
export class DecidedSegments {
  readonly #bySensor: ReadonlyMap<string, readonly CorrectionSegment[]>

  constructor(bySensor: ReadonlyMap<string, readonly CorrectionSegment[]>) {
    this.#bySensor = bySensor
  }

  /** Those of one value of a sensor. */
  of(sensor: string, value: string): readonly CorrectionSegment[] {
    return this.#bySensor.get(sensor)?.filter((segment) => segment.value === value) ?? []
  }
}

/** Reads what is decided about sensors of a kind. */
export async function readSegments(store: Pick<TelemetryStore, 'readDocuments'>, kind: Kind): Promise<DecidedSegments> {
  const found = new Map<string, readonly CorrectionSegment[]>()
  for (const { body } of await store.readDocuments(collection)) {
    const decided = bodySchema.parse(body)
    if (decided.kind === kind && decided.segments.length > 0) found.set(decided.sensor, decided.segments.map(plain))
  }
  return new DecidedSegments(found)
}

const plain = ({ exclusion, ...rest }: z.infer<typeof segmentSchema>): CorrectionSegment =>
  exclusion === undefined ? rest : { ...rest, exclusion }

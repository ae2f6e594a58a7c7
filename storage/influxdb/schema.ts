import { kinds } from '#telemetry/kinds.ts'
import { type DocumentCollection, type EventStream, eventStreams, lastingStreams } from '../store.ts'

/**
 * What a point's integer field `seq` holds when the sensor does not count. Every point holds the field: InfluxQL counts the
 * values of a field and cannot count points, and no other value is in every reading of every kind.
 */
export const noSeq = -1

/**
 * The field `seq` of a reading: below {@link noSeq} where the sensor's clock was ahead, so that InfluxQL, which cannot ask
 * for points without a field, can tell these from the others, those of older releases too.
 */
export function seqField({ seq = noSeq, aheadMs }: { seq?: number | undefined; aheadMs?: number | undefined }): number {
  return aheadMs === undefined ? seq : 2 * noSeq - 1 - seq
}

/** What {@link seqField} was made of: the sensor's count, and whether its clock was ahead. */
export function parseSeqField(field: number): { seq?: number; ahead: boolean } {
  const ahead = field < noSeq
  const seq = ahead ? 2 * noSeq - 1 - field : field
  return { ahead, ...(seq === noSeq ? {} : { seq }) }
}

/** Measurement of a stream of events: tag `slot`, fields `id`, `subject`, `amount`, `body` (JSON), and of steps of alerts `facts` (JSON), what they are searched by. Readings are in a measurement named as their kind. */
export function eventMeasurement(stream: EventStream): string {
  return `event_${stream}`
}

/** Measurement of a collection of documents: tag `id`, field `body` (JSON; `null` for one that was removed). */
export function documentMeasurement(collection: DocumentCollection): string {
  return `document_${collection}`
}

/**
 * The time of every document, epoch ms (the year 2200): a point of the same tags and time replaces the one before, and no
 * retention of the bucket ever reaches it.
 */
export const documentTime = Date.UTC(2200, 0, 1)

/** Measurement of the points that only show that writing and reading work: field `mark`. */
export const probeMeasurement = 'nhip_probe'

/** Every measurement that is trimmed by age: all that is ours but documents, which have no age, and lasting streams. */
export const measurements: readonly string[] = [
  ...kinds,
  ...eventStreams.filter((stream) => !lastingStreams.includes(stream)).map(eventMeasurement),
]

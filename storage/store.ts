import type { ValueState } from '#telemetry/device-state.ts'
import { dayMs } from '#telemetry/durations.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { NewestReading, Reading } from '#telemetry/reading.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import type { Aggregate } from '#telemetry/rest.ts'
import type { AlertSearch, AlertsFound } from './alert-search.ts'
import type { QueryContext } from './query-context.ts'
import type { RollUpStorage } from './roll-ups.ts'

export type { QueryContext } from './query-context.ts'

/** One point of a history: the time (epoch ms) of the reading or of the bucket's start. */
export interface Point {
  ts: number
  value: Value
  /** of a single value: what its device said of it; absent while it was being measured */
  state?: ValueState
}

/** What to ask of one sensor's history: readings with `from <= ts < to` (epoch ms). */
export interface HistoryQuery {
  kind: Kind
  sensor: string
  /** name of the value, checked against the kind by the caller and again here */
  value: string
  from: number
  to: number
  /** at most so many points, the earliest first */
  limit: number
}

/** A history in time buckets of `window` ms. Empty buckets are left out; the first and the last may reach beyond the span. */
export interface BucketQuery extends HistoryQuery {
  window: number
  /** epoch ms at which some bucket begins: the epoch when absent */
  origin?: number
  fn: Aggregate
}

/** Which readings of a kind to give: those with `from <= ts < to` (epoch ms). */
export interface ReadingsQuery {
  kind: Kind
  /** of this sensor alone; of all when absent */
  sensor?: string
  from: number
  to: number
  /**
   * ms: of each sensor only one reading of each step, the newest of each value with the time of the newest, of clocks that were
   * right; steps aligned to the epoch. Every reading when absent.
   */
  step?: number
  /** at most so many, the earliest first */
  limit: number
}

/** How many readings of a kind there are in each time bucket, aligned to the epoch (ms). */
export interface CountsQuery {
  kind: Kind
  from: number
  to: number
  window: number
}

/** Which means to give: of these values of every sensor of a kind, per time bucket aligned to the epoch (ms). */
export interface MeansQuery {
  kind: Kind
  /** names of numeric values */
  values: readonly string[]
  from: number
  to: number
  window: number
}

/** One bucket of one sensor: the mean of each value and how many readings it is of. Values without a reading are left out. */
export interface SensorMeans {
  sensor: string
  /** the bucket's start, epoch ms */
  ts: number
  values: Readonly<Record<string, { mean: number; count: number }>>
}

/**
 * The streams of events a store keeps; `backfill` says which spans were given to an empty store, and how densely, `presence`
 * who was offline when, `shift` the entries of the shift log, `period` from when on a sensor's readings are of how many seconds,
 * `placement` from when on it belongs to which district, ward and road, `lamp-order` which orders lamps have acknowledged,
 * `correction` what people decided about readings, and `correction-file` the points of their files.
 */
export const eventStreams = [
  'alert',
  'alert-rule',
  'notification',
  'quarantine',
  'audit',
  'backfill',
  'session-end',
  'presence',
  'period',
  'placement',
  'shift',
  'lamp-order',
  'correction',
  'correction-file',
] as const
export type EventStream = (typeof eventStreams)[number]

/**
 * Streams that no age ends: the audit log, the shift log, corrections of data, the rules, placements and periods, which are in force
 * however old they are, and what was filled in: roll-ups that outlive their readings are judged by how dense those were.
 */
export const lastingStreams: readonly EventStream[] = [
  'audit',
  'alert-rule',
  'placement',
  'period',
  'backfill',
  'shift',
  'correction',
  'correction-file',
]

/** Something that happened, kept as JSON. Identified by (stream, id): appending it twice leaves one. */
export interface StoredEvent {
  stream: EventStream
  id: string
  /** epoch ms */
  ts: number
  body: unknown
}

/** Which events to give: those with `from <= ts < to` (epoch ms), at most `limit`, newest first. */
export interface EventsQuery {
  stream: EventStream
  from?: number
  to?: number
  /** what they are about, as `event-subjects.ts` finds it in a body */
  subject?: string
  /** text that occurs in what they are about, whatever its case */
  subjectPart?: string
  limit: number
}

/** Which events to count: those about a subject with `from <= ts < to`, in time buckets of `window` aligned to the epoch (ms). */
export interface AmountsQuery {
  stream: EventStream
  subject: string
  from: number
  to: number
  window: number
}

/** An event without its body. */
export interface EventHead {
  id: string
  /** epoch ms */
  ts: number
  /** what it is about; empty when its stream has no subjects */
  subject: string
  /** how many alike it stands for */
  amount: number
}

/** The collections of documents a store keeps; `watch` says up to when alerts watched, `…-claim` who redeems an invitation and signs a hand-over, `correction-segments` what people decided about values of a sensor. */
export const documentCollections = [
  'account',
  'team',
  'key',
  'key-use',
  'watch',
  'invitation-claim',
  'hand-over-claim',
  'correction-segments',
  'correction-due',
  'correction-claim',
  'roll-up-progress',
  'upkeep-lease',
  'roll-up-rebuild',
] as const
export type DocumentCollection = (typeof documentCollections)[number]

/** Something small that changes, kept as JSON by (collection, id): the last one written is the one there is. */
export interface StoredDocument {
  id: string
  body: unknown
}

/** What a write did. */
export interface WriteResult {
  /** readings that contradicted one of the same (sensor, ts), as far as the store knows: what it holds, or wrote not long ago */
  corrected: number
}

/** What a step of sorting did. */
export interface SortedReadings {
  readings: number
  /** whether there is more to do now */
  more: boolean
}

/** ms before a sensor's newest reading in which values that this one does not hold are looked for */
export const valueLookbackMs = dayMs
/** separate stretches of {@link valueLookbackMs} or more, of one kind, that are looked through for that at the most, the newest first */
export const maxLookbacks = 100

/**
 * Where readings and events live for good. One contract test suite runs against every store. Who asks on behalf of a person
 * says so ({@link QueryContext}): such questions are kept apart from those of the platform itself, so that neither waits for the other.
 */
export interface TelemetryStore extends RollUpStorage {
  /** How many ms the store itself keeps readings, when it removes older ones unasked; infinite when it keeps all. */
  keptMs(): number
  /**
   * Durable when it resolves. The values of one (sensor, ts) are united, over batches too; of two that contradict each other the
   * one written last counts, within a batch the later one; a write begun after another has resolved comes after it.
   * Rejects with StoreUnavailableError (try again) or StoreRejectedError (this batch never fits).
   */
  write(readings: readonly Reading[]): Promise<WriteResult>
  /**
   * The newest reading of every sensor; a value that is not in it is the newest of the {@link valueLookbackMs} before, with
   * its own time. Sensors that stopped reporting before the last {@link maxLookbacks} such times have none but those of their newest
   * reading, which is logged. Readings of a clock that was ahead (`aheadMs`) are never the newest.
   */
  latest(): Promise<NewestReading[]>
  /** Every reading's value in a span of time, in order; readings without that value are left out. */
  history(query: HistoryQuery, context?: QueryContext): Promise<Point[]>
  /** Aggregates of a numeric value per time bucket, in order. */
  buckets(query: BucketQuery, context?: QueryContext): Promise<Point[]>
  /** Whole readings in order of time, in pages. */
  readings(query: ReadingsQuery, context?: QueryContext): AsyncIterable<readonly Reading[]>
  /** The same as {@link latest} of every sensor of a kind that has a reading with `from <= ts < to`, as it was just before `to`. */
  newest(span: { kind: Kind; from: number; to: number }, context?: QueryContext): Promise<NewestReading[]>
  /** Of each sensor of a kind that has readings of a clock that was ahead (`aheadMs`) with `from <= ts < to`, the newest of these. */
  newestAhead(span: { kind: Kind; from: number; to: number }): Promise<Reading[]>
  /** When the first reading of all with `from <= ts < to` was measured, epoch ms; undefined when there is none. */
  firstReadingAt(span: { from: number; to: number }, context?: QueryContext): Promise<number | undefined>
  /** Readings of all sensors of a kind per time bucket, in order; empty buckets are left out. */
  counts(query: CountsQuery, context?: QueryContext): Promise<{ ts: number; count: number }[]>
  /** Means of several values of every sensor of a kind, in no order; buckets without any reading are left out. */
  means(query: MeansQuery, context?: QueryContext): Promise<SensorMeans[]>
  /** How many readings are held of one kind, or of all. */
  count(kind?: Kind): Promise<number>
  /** Sensor and time of every reading stored with `from <= ts < to`, in pages; one stored twice comes twice. For audits. */
  identities(span: { kind: Kind; from: number; to: number }): AsyncIterable<readonly { sensor: string; ts: number }[]>
  /** Durable when it resolves. */
  appendEvents(events: readonly StoredEvent[]): Promise<void>
  /** Newest first. */
  readEvents(query: EventsQuery, context?: QueryContext): Promise<StoredEvent[]>
  /** Newest first; their bodies are not even read. */
  eventHeads(query: EventsQuery, context?: QueryContext): Promise<EventHead[]>
  /** How many alike the events about a subject stand for in each time bucket, in order; empty buckets are left out. */
  eventAmounts(query: AmountsQuery, context?: QueryContext): Promise<{ ts: number; amount: number }[]>
  /** Searches alerts in their steps: those with `ts >= from`. */
  searchAlerts(search: AlertSearch, context?: QueryContext): Promise<AlertsFound>
  countEvents(stream: EventStream, context?: QueryContext): Promise<number>
  /** Durable when it resolves. */
  putDocument(collection: DocumentCollection, document: StoredDocument): Promise<void>
  /** Removes a document; one that is not there stays away. */
  removeDocument(collection: DocumentCollection, id: string): Promise<void>
  /** Every document of a collection, by id. */
  readDocuments(collection: DocumentCollection): Promise<StoredDocument[]>
  /** Deletes readings and events measured before this time (epoch ms), {@link lastingStreams} excepted. */
  trim(before: number): Promise<void>
  /** Deletes the events of one stream before this time (epoch ms). */
  trimEvents(stream: EventStream, before: number): Promise<void>
  /**
   * Moves some readings measured before this time (epoch ms) next to others of the same sensor, in one short transaction: about
   * 120,000. Nothing changes but how long questions about one sensor take. A store that sorts by itself does nothing.
   */
  sortReadings(before: number): Promise<SortedReadings>
  /** Resolves when the store takes what it is given and answers, rejects with StoreUnavailableError when it does not. */
  ping(): Promise<void>
  /** Idempotent. */
  close(): Promise<void>
}

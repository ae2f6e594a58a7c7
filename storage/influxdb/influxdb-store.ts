import type { Logger } from 'pino'
import { z } from 'zod'
import { ConfigError, StoreRejectedError, StoreUnavailableError } from '#telemetry/errors.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { NewestReading, Reading } from '#telemetry/reading.ts'
import type { AlertSearch, AlertsFound } from '../alert-search.ts'
import { mergeBatch } from '../merge-readings.ts'
import { withOlderValues } from '../newest-values.ts'
import { meansOf } from '../sensor-means.ts'
import type {
  AmountsQuery,
  BucketQuery,
  CountsQuery,
  DocumentCollection,
  EventHead,
  EventStream,
  EventsQuery,
  HistoryQuery,
  MeansQuery,
  Point,
  QueryContext,
  ReadingsQuery,
  SensorMeans,
  StoredDocument,
  StoredEvent,
  TelemetryStore,
  WriteResult,
} from '../store.ts'
import { StoredReadings } from '../stored-readings.ts'
import { searchAlerts } from './alert-search.ts'
import { InfluxConnection, slowTimeoutMs } from './connection.ts'
import { isOfInfluxdb, openFault, storeFault } from './errors.ts'
import { bodiesOf, documentLine, eventLine, linesOf } from './line-protocol.ts'
import { newestReadings, newestValues } from './newest-readings.ts'
import type { InfluxConnectionOptions } from './options.ts'
import {
  amountsQuery,
  bucketsQuery,
  countEventsQuery,
  countQuery,
  countsQuery,
  documentsQuery,
  eventHeadsQuery,
  eventsQuery,
  historyQuery,
  type InfluxQuery,
  meansQuery,
  newestInSpanQuery,
} from './queries.ts'
import type { Series } from './query-response.ts'
import { identities } from './reading-identities.ts'
import { readings, readingsOf } from './readings.ts'
import { RecentReadings } from './recent-readings.ts'
import { eventMeasurement, measurements } from './schema.ts'
import { writeInAcceptedParts } from './split-writes.ts'

export interface InfluxdbStoreOptions extends InfluxConnectionOptions {
  log: Logger
}

/**
 * Opens the store in an InfluxDB of 1.x (no token; the database is made when it is missing) or 2.x (token).
 * @throws UnreachableError when no InfluxDB answers, ConfigError when it refuses the token, organisation or bucket
 */
export async function openInfluxdbStore(options: InfluxdbStoreOptions): Promise<TelemetryStore> {
  const { log, ...place } = options
  const url = new URL(options.url).origin
  const connection = new InfluxConnection(place)
  try {
    await connection.prepare()
  } catch (error) {
    connection.close()
    throw error instanceof ConfigError ? error : openFault(error, url)
  }
  return new InfluxdbStore(connection, url, log)
}

const pointRow = z.tuple([z.number(), z.union([z.number(), z.string()])])
const documentRow = z.tuple([z.number(), z.string()])
const eventRow = z.tuple([z.number(), z.string(), z.string()])
const headRow = z.tuple([z.number(), z.string(), z.string().nullable(), z.number().nullable()])

function pointsOf(series: readonly Series[]): Point[] {
  return series.flatMap(({ values }) => values.map((row) => pointRow.parse(row))).map(([ts, value]) => ({ ts, value }))
}

/** The newest of each sensor: one that moved to another district has a series in each. */
function newestOfEach(readings: readonly Reading[]): Reading[] {
  const newest = new Map<string, Reading>()
  for (const reading of readings)
    if (reading.ts > (newest.get(reading.sensor)?.ts ?? 0)) newest.set(reading.sensor, reading)
  return [...newest.values()]
}

function totalOf(series: readonly Series[]): number {
  return series.reduce((total, { values }) => total + Number(values[0]?.[1] ?? 0), 0)
}

/**
 * Readings and events in InfluxDB. It knows a point by measurement, tags and time, and overwrites field by field: that unites
 * the readings of one (sensor, ts) in the order in which they are written; but one from another district is a point of its own.
 */
class InfluxdbStore implements TelemetryStore {
  readonly #connection: InfluxConnection
  readonly #url: string
  readonly #stored: StoredReadings
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #recent = new RecentReadings()
  #closed = false

  constructor(connection: InfluxConnection, url: string, log: Logger) {
    this.#connection = connection
    this.#url = url
    this.#stored = new StoredReadings(log)
  }

  keptMs(): number {
    return this.#connection.keptMs
  }

  /** Does something with InfluxDB, whose faults come out as the store's; those of our own code stay what they are. */
  async #with<T>(task: (connection: InfluxConnection) => Promise<T>, context?: QueryContext): Promise<T> {
    context?.signal.throwIfAborted()
    if (this.#closed) throw new StoreUnavailableError('the store is closed')
    const running = task(this.#connection)
    this.#underWay.add(running)
    try {
      return await running
    } catch (error) {
      context?.signal.throwIfAborted()
      throw isOfInfluxdb(error) ? storeFault(error, this.#url) : error
    } finally {
      this.#underWay.delete(running)
    }
  }

  async write(readings: readonly Reading[]): Promise<WriteResult> {
    const merged = mergeBatch(readings)
    await this.#with(async (connection) => {
      await writeInAcceptedParts(merged.readings, async (part) => {
        for (const body of bodiesOf(linesOf(part))) await connection.write(body, 'ms')
      })
    })
    return { corrected: merged.corrected + this.#recent.written(merged.readings) }
  }

  async latest(): Promise<NewestReading[]> {
    return this.#with(async (connection) => {
      const all: NewestReading[] = []
      for (const kind of kinds) {
        const readings = await newestReadings(connection, kind, { now: Date.now(), stored: this.#stored })
        all.push(
          ...(await withOlderValues(
            kind,
            readings,
            (query) => newestValues((asked) => connection.query(asked), query, this.#stored),
            (sensors) => this.#stored.withoutOlder(kind, sensors),
          )),
        )
      }
      return all
    })
  }

  /** What InfluxDB answers. */
  #ask(query: InfluxQuery, context?: QueryContext, limits: { timeoutMs?: number } = {}): Promise<Series[]> {
    return this.#with((connection) => connection.query(query, { ...limits, ...context }), context)
  }

  async history(query: HistoryQuery, context?: QueryContext): Promise<Point[]> {
    return pointsOf(await this.#ask(historyQuery(query), context))
  }

  async buckets(query: BucketQuery, context?: QueryContext): Promise<Point[]> {
    return pointsOf(await this.#ask(bucketsQuery(query), context))
  }

  async newest(span: { kind: Kind; from: number; to: number }, context?: QueryContext): Promise<NewestReading[]> {
    const { kind } = span
    const newest = newestOfEach(readingsOf(kind, await this.#ask(newestInSpanQuery(span), context), this.#stored))
    return withOlderValues(
      kind,
      newest,
      (query) => newestValues((asked) => this.#ask(asked, context), query, this.#stored),
      (sensors) => this.#stored.withoutOlder(kind, sensors),
    )
  }

  async newestAhead(span: { kind: Kind; from: number; to: number }): Promise<Reading[]> {
    return newestOfEach(readingsOf(span.kind, await this.#ask(newestInSpanQuery(span, 'ahead')), this.#stored))
  }

  async *readings(query: ReadingsQuery, context?: QueryContext) {
    for await (const page of readings(query, (asked) => this.#ask(asked, context), this.#stored)) {
      yield page
      context?.signal.throwIfAborted()
    }
  }

  async counts(query: CountsQuery, context?: QueryContext): Promise<{ ts: number; count: number }[]> {
    const points = pointsOf(await this.#ask(countsQuery(query), context))
    return points.map(({ ts, value }) => ({ ts, count: Number(value) }))
  }

  async means(query: MeansQuery, context?: QueryContext): Promise<SensorMeans[]> {
    const series = await this.#ask(meansQuery(query), context, { timeoutMs: slowTimeoutMs })
    return series.flatMap(({ tags, columns, values }) =>
      values.map((row) => ({
        sensor: tags?.sensor ?? '',
        ts: Number(row[0]),
        values: meansOf(query.values, Object.fromEntries(columns.map((name, at) => [name, row[at]]))),
      })),
    )
  }

  identities(span: { kind: Kind; from: number; to: number }) {
    return identities(span, (query) =>
      this.#with((connection) => connection.query(query, { timeoutMs: slowTimeoutMs })),
    )
  }

  async count(kind?: Kind): Promise<number> {
    const query = countQuery(kind ? [kind] : kinds)
    return this.#with(async (connection) => totalOf(await connection.query(query, { timeoutMs: slowTimeoutMs })))
  }

  async appendEvents(events: readonly StoredEvent[]): Promise<void> {
    await this.#with(async (connection) => {
      await writeInAcceptedParts(events, async (part) => {
        for (const body of bodiesOf(part.map(eventLine))) await connection.write(body, 'ns')
      })
    })
  }

  async readEvents(query: EventsQuery, context?: QueryContext): Promise<StoredEvent[]> {
    const [series] = await this.#ask(eventsQuery(query), context)
    return (series?.values ?? []).map((row) => {
      const [ts, id, body] = eventRow.parse(row)
      return { stream: query.stream, id, ts, body: JSON.parse(body) }
    })
  }

  async eventHeads(query: EventsQuery, context?: QueryContext): Promise<EventHead[]> {
    const [series] = await this.#ask(eventHeadsQuery(query), context)
    return (series?.values ?? []).map((row) => {
      const [ts, id, subject, amount] = headRow.parse(row)
      return { id, ts, subject: subject ?? '', amount: amount ?? 1 }
    })
  }

  async eventAmounts(query: AmountsQuery, context?: QueryContext): Promise<{ ts: number; amount: number }[]> {
    const points = pointsOf(await this.#ask(amountsQuery(query), context))
    return points.map(({ ts, value }) => ({ ts, amount: Number(value) }))
  }

  async searchAlerts(search: AlertSearch, context?: QueryContext): Promise<AlertsFound> {
    return searchAlerts(search, (query) => this.#ask(query, context))
  }

  async countEvents(stream: EventStream, context?: QueryContext): Promise<number> {
    return totalOf(await this.#ask(countEventsQuery(stream), context, { timeoutMs: slowTimeoutMs }))
  }

  async putDocument(collection: DocumentCollection, document: StoredDocument): Promise<void> {
    await this.#with((connection) => connection.write(documentLine(collection, document), 'ms'))
  }

  async removeDocument(collection: DocumentCollection, id: string): Promise<void> {
    await this.putDocument(collection, { id, body: null })
  }

  async readDocuments(collection: DocumentCollection): Promise<StoredDocument[]> {
    const series = await this.#with((connection) => connection.query(documentsQuery(collection)))
    const documents = series.map(({ tags, values: [row] }) => {
      const [, body] = documentRow.parse(row)
      return { id: String(tags?.id), body: JSON.parse(body) }
    })
    return documents.filter(({ body }) => body !== null).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }

  async trim(before: number): Promise<void> {
    // one by one: whoever closes the store waits for one of them only
    for (const measurement of measurements)
      await this.#with((connection) => connection.deleteBefore(before, measurement))
  }

  async trimEvents(stream: EventStream, before: number): Promise<void> {
    await this.#with((connection) => connection.deleteBefore(before, eventMeasurement(stream)))
  }

  async ping(): Promise<void> {
    try {
      await this.#with((connection) => connection.check())
    } catch (error) {
      // the probe is well: whoever refuses it takes nothing
      if (!(error instanceof StoreRejectedError)) throw error
      throw new StoreUnavailableError(`InfluxDB at ${this.#url} takes nothing now: ${error.message}`, { cause: error })
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#underWay)
    this.#connection.close()
  }
}

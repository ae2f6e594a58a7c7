import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { amountOf, subjectOf, subjectPlaces } from '../event-subjects.ts'
import type { AmountsQuery, EventHead, EventsQuery, StoredEvent } from '../store.ts'
import { alertColumns, eventCellsOf } from './alert-columns.ts'

const types = {
  ...{ stream: 'VARCHAR', id: 'VARCHAR', ts: 'BIGINT', body: 'VARCHAR', subject: 'VARCHAR', amount: 'INTEGER' },
  ...Object.fromEntries(alertColumns.map(([name, type]) => [name, type])),
}
const columns = Object.keys(types).map((name) => `"${name}"`)
const append = `INSERT OR IGNORE INTO events (${columns.join(', ')})
  SELECT ${columns.map((name) => `row.${name}`).join(', ')} FROM (SELECT unnest(from_json($rows, '${JSON.stringify([types])}')) AS row)`

/** Appends events in one statement; those whose (stream, id) is there already stay as they are. To be called within a transaction. */
export async function appendEvents(connection: DuckDBConnection, events: readonly StoredEvent[]): Promise<void> {
  const rows = events.map((event) => ({
    ...{ stream: event.stream, id: event.id, ts: event.ts, body: JSON.stringify(event.body) },
    ...{ subject: subjectOf(event), amount: amountOf(event), ...eventCellsOf(event) },
  }))
  await connection.run(append, { rows: JSON.stringify(rows) })
}

const path = (jsonPath: readonly string[]) => `'$.${jsonPath.join('.')}'`
/** Text at a jsonPath of a body that is known to be JSON. */
const text = (jsonPath: readonly string[]) =>
  `CASE json_type(body, ${path(jsonPath)}) WHEN 'VARCHAR' THEN body->>${path(jsonPath)} END`

/** As ownerOf. */
const owner = (texts: readonly string[]) => `split_part(coalesce(${texts.join(', ')}), '/', 1)`

/** Gives subject and amount to the events of a file that was written before there were any. */
export const migrateSubjectsSql = `UPDATE events SET
  subject = coalesce(CASE stream ${Object.entries(subjectPlaces)
    .map(
      ([stream, { subject }]) =>
        `WHEN '${stream}' THEN ${stream === 'audit' ? owner(subject.map(text)) : `coalesce(${subject.map(text).join(', ')})`}`,
    )
    .join(' ')} END, ''),
  amount = coalesce(CASE stream ${Object.entries(subjectPlaces)
    .flatMap(([stream, { amount }]) =>
      amount ? `WHEN '${stream}' THEN nullif(greatest(TRY_CAST(body->>${path(amount)} AS INTEGER), 0), 0)` : [],
    )
    .join(' ')} END, 1)
  WHERE subject IS NULL`

/** SQL and its parameters, as DuckDB takes them. */
interface SqlQuery {
  sql: string
  values: Record<string, DuckDBValue>
}

function selectEvents(columns: string, { stream, from = 0, to, subject, subjectPart, limit }: EventsQuery): SqlQuery {
  const about = [
    ...(subject === undefined ? [] : ['AND subject = $subject']),
    ...(subjectPart === undefined ? [] : ['AND contains(lower(subject), lower($subjectPart))']),
  ].join(' ')
  return {
    sql: `SELECT ${columns} FROM events WHERE stream = $stream AND ts >= $from AND ts < $to ${about} ORDER BY ts DESC, id DESC LIMIT $limit`,
    values: {
      ...{ stream, limit, from: BigInt(from), to: BigInt(to ?? Number.MAX_SAFE_INTEGER) },
      ...(subject === undefined ? {} : { subject }),
      ...(subjectPart === undefined ? {} : { subjectPart }),
    },
  }
}

export function eventsSql(query: EventsQuery): SqlQuery {
  return selectEvents('id, ts, body', query)
}

export function eventHeadsSql(query: EventsQuery): SqlQuery {
  return selectEvents('id, ts, subject, amount', query)
}

/** Columns `bucket` and `amount`. */
export function eventAmountsSql({ stream, subject, from, to, window }: AmountsQuery): SqlQuery {
  return {
    sql: `SELECT ts - ts % $window::BIGINT AS bucket, sum(amount) AS amount FROM events
      WHERE stream = $stream AND subject = $subject AND ts >= $from AND ts < $to GROUP BY bucket ORDER BY bucket`,
    values: { stream, subject, from: BigInt(from), to: BigInt(to), window: BigInt(window) },
  }
}

/** A row of {@link eventsSql}. */
export function eventOf({ stream }: EventsQuery, row: Readonly<Record<string, DuckDBValue>>): StoredEvent {
  return { stream, id: String(row.id), ts: Number(row.ts), body: JSON.parse(String(row.body)) }
}

/** A row of {@link eventHeadsSql}. */
export function headOf({ id, ts, subject, amount }: Readonly<Record<string, DuckDBValue>>): EventHead {
  return { id: String(id), ts: Number(ts), subject: String(subject), amount: Number(amount) }
}

/** Reads events on a connection of its own, in whatever transaction that is. */
export function readEventsOn(connection: DuckDBConnection): (query: EventsQuery) => Promise<StoredEvent[]> {
  return async (query) => {
    const { sql, values } = eventsSql(query)
    const rows = (await connection.runAndReadAll(sql, values)).getRowObjects()
    return rows.map((row) => eventOf(query, row))
  }
}

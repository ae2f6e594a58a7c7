import type { DuckDBValue } from '@duckdb/node-api'
import { z } from 'zod'
import { alertEventSchema } from '#telemetry/alert.ts'
import { type AlertFilter, type AlertSearch, type AlertsFound, maxHandlers } from '../alert-search.ts'

/** Where in a body each fact stands; read in one go, as a list of texts. */
const places = [
  ['id', '$.alert.id'],
  ['revision', '$.alert.revision'],
  ['deed', '$.by'],
  ['rule', '$.alert.rule'],
  ['cause', '$.alert.cause'],
  ['priority', '$.alert.priority'],
  ['kind', '$.alert.kind'],
  ['sensors', '$.alert.sensors'],
  ['district', '$.alert.district'],
  ['ward', '$.alert.ward'],
  ['raisedAt', '$.alert.raisedAt'],
  ['clearedAt', '$.alert.clearedAt'],
  ['closedAt', '$.alert.closedAt'],
  ['acknowledger', '$.alert.acknowledged.by'],
  ['shelver', '$.alert.shelved.by'],
] as const
type Fact = (typeof places)[number][0]

const extract = `json_extract_string(body, [${places.map(([, place]) => `'${place}'`).join(', ')}])`
/** A fact of the list `facts`, as text. DuckDB counts from 1. */
const fact = (name: Fact) => `facts[${places.findIndex(([each]) => each === name) + 1}]`
const whole = (name: Fact) => `try_cast(${fact(name)} AS BIGINT)`

const state = `CASE WHEN ${fact('closedAt')} IS NOT NULL THEN 'closed' WHEN ${fact('shelver')} IS NOT NULL THEN 'shelved'
  WHEN ${fact('clearedAt')} IS NOT NULL THEN 'returned' WHEN ${fact('acknowledger')} IS NOT NULL THEN 'acknowledged' ELSE 'unacknowledged' END`

/** What each filter compares with what is wanted, a list of texts. */
const condition: Record<keyof AlertFilter, (wanted: string) => string> = {
  state: (wanted) => `list_contains(${wanted}, ${state})`,
  priority: (wanted) => `list_contains(${wanted}, ${fact('priority')})`,
  cause: (wanted) => `list_contains(${wanted}, ${fact('cause')})`,
  district: (wanted) => `list_contains(${wanted}, ${fact('district')})`,
  ward: (wanted) => `list_contains(${wanted}, ${fact('ward')})`,
  kind: (wanted) => `list_contains(${wanted}, ${fact('kind')})`,
  rule: (wanted) => `list_contains(${wanted}, ${fact('rule')})`,
  sensor: (wanted) => `list_has_any(from_json(${fact('sensors')}, '["VARCHAR"]'), ${wanted})`,
  by: (wanted) => `list_has_any(names, ${wanted})`,
}

/** A search as DuckDB takes it: one row, with the columns `total`, `handlers` and `page`, the last two as JSON. */
export function alertsQuestion(search: AlertSearch): { sql: string; values: Record<string, DuckDBValue> } {
  const filters = (Object.keys(condition) as (keyof AlertFilter)[]).filter((name) => search[name] !== undefined) // its own keys
  const wanted = Object.fromEntries(filters.map((name) => [name, JSON.stringify(search[name]?.map(String))]))
  const fits = filters.map((name) => `AND ${condition[name](`from_json($${name}, '["VARCHAR"]')`)}`)
  const sql = `WITH steps AS (
      SELECT rowid AS row, ${extract} AS facts FROM events WHERE stream = 'alert' AND ts >= $from
      UNION ALL
      SELECT -1 AS row, ${extract} AS facts FROM (SELECT unnest(from_json($open, '["JSON"]')) AS body)
    ), newest AS (
      SELECT arg_max({'row': row, 'facts': facts}, ${whole('revision')}) AS step,
        list(${fact('deed')}) FILTER (${fact('deed')} IS NOT NULL) AS deeds
      FROM steps WHERE ${whole('raisedAt')} IS NOT NULL AND ${whole('revision')} IS NOT NULL GROUP BY ${fact('id')}
    ), spanned AS MATERIALIZED (
      SELECT *, list_distinct(list_concat(deeds, [${fact('acknowledger')}, ${fact('shelver')}])) AS names
      FROM (SELECT step.row AS row, step.facts AS facts, deeds FROM newest)
      WHERE ${whole('raisedAt')} < $to AND coalesce(${whole('clearedAt')}, $now) >= $from
    ), fitting AS MATERIALIZED (
      SELECT row, ${fact('id')} AS id, ${whole('raisedAt')} AS "raisedAt", names FROM spanned WHERE true ${fits.join(' ')}
    ), page AS (SELECT * FROM fitting ORDER BY "raisedAt" DESC, id LIMIT $limit OFFSET $offset)
    SELECT (SELECT count(*) FROM fitting) AS total,
      (SELECT to_json(list(name)) FROM (SELECT DISTINCT unnest(names) AS name FROM spanned ORDER BY name LIMIT ${maxHandlers})) AS handlers,
      (SELECT to_json(list({'id': page.id, 'names': names, 'body': body} ORDER BY "raisedAt" DESC, page.id))
        FROM page LEFT JOIN events ON events.rowid = page.row) AS page`
  const { from, to, now, open, limit, offset } = search
  const values = {
    ...{ from: BigInt(from), to: BigInt(to), now: BigInt(now), limit, offset },
    ...{ open: JSON.stringify(open.map((alert) => ({ alert: narrow(alert) }))), ...wanted },
  }
  return { sql, values }
}

/** What of an open alert DuckDB is told: its words stay here. */
function narrow({ name: _name, ...alert }: AlertSearch['open'][number]) {
  return alert
}

const pageSchema = z.array(z.object({ id: z.string(), names: z.array(z.string()), body: z.string().nullable() }))

/** The row that answers {@link alertsQuestion}. */
export function alertsFound(
  { open }: AlertSearch,
  row: Readonly<Record<string, DuckDBValue>> | undefined,
): AlertsFound {
  const handlers = z.array(z.string()).parse(JSON.parse(String(row?.handlers ?? '[]')))
  const page = pageSchema.parse(JSON.parse(String(row?.page ?? '[]')))
  const known = new Map(open.map((alert) => [alert.id, alert]))
  const alerts = page.flatMap(({ id, body }) => {
    if (body === null) return known.get(id) ?? []
    return alertEventSchema.safeParse(JSON.parse(body)).data?.alert ?? []
  })
  return {
    ...{ total: Number(row?.total ?? 0), alerts, handlers: handlers.toSorted(), complete: true },
    handledBy: Object.fromEntries(page.flatMap(({ id, names }) => (names.length > 0 ? [[id, names]] : []))),
  }
}

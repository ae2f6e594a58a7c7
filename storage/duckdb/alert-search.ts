import type { DuckDBValue } from '@duckdb/node-api'
import { z } from 'zod'
import { unassigned } from '#telemetry/assignee.ts'
import {
  type AlertFilter,
  type AlertSearch,
  type AlertsFound,
  knownFacts,
  maxHandlers,
  storedAlertSchema,
} from '../alert-search.ts'
import { alertColumns, cellsOf } from './alert-columns.ts'

const names = alertColumns.map(([name]) => `"${name}"`)
/** A list of alerts as JSON. */
const openShape = JSON.stringify([
  { id: 'VARCHAR', ...Object.fromEntries(alertColumns.map(([name, type]) => [name, type])) },
])

/** Lets through what this release can give. */
const isKnown = Object.entries(knownFacts)
  .map(([name, known]) => `"${name}" IN (${[...known].map((each) => `'${each}'`).join(', ')})`)
  .join(' AND ')

const state = `CASE WHEN "closedAt" IS NOT NULL THEN 'closed' WHEN shelver IS NOT NULL THEN 'shelved'
  WHEN "clearedAt" IS NOT NULL THEN 'returned' WHEN acknowledger IS NOT NULL THEN 'acknowledged' ELSE 'unacknowledged' END`

/** What each filter compares with what is wanted, a list of texts. */
const condition: Record<keyof AlertFilter, (wanted: string) => string> = {
  state: (wanted) => `list_contains(${wanted}, ${state})`,
  priority: (wanted) => `list_contains(${wanted}, priority)`,
  cause: (wanted) => `list_contains(${wanted}, cause)`,
  district: (wanted) => `list_contains(${wanted}, district)`,
  ward: (wanted) => `list_contains(${wanted}, ward)`,
  kind: (wanted) => `list_contains(${wanted}, kind)`,
  rule: (wanted) => `list_contains(${wanted}, rule)`,
  assignee: (wanted) => `list_contains(${wanted}, coalesce(assignee, '${unassigned}'))`,
  sensor: (wanted) => `list_has_any(from_json(sensors, '["VARCHAR"]'), ${wanted})`,
  by: (wanted) => `list_has_any(names, ${wanted})`,
}

/**
 * A search as DuckDB takes it: one row, with the columns `total`, `handlers` and `page`, the last two as JSON. Bodies are read of the
 * page alone; what only the caller knows has rows below 0.
 */
export function alertSearchSql(search: AlertSearch): { sql: string; values: Record<string, DuckDBValue> } {
  const filters = (Object.keys(condition) as (keyof AlertFilter)[]).filter((name) => search[name] !== undefined) // its own keys
  const wanted = Object.fromEntries(filters.map((name) => [name, JSON.stringify(search[name]?.map(String))]))
  const fits = filters.map((name) => `AND ${condition[name](`from_json($${name}, '["VARCHAR"]')`)}`)
  const sql = `WITH steps AS (
      SELECT rowid AS row, subject AS id, ${names.join(', ')} FROM events
      WHERE stream = 'alert' AND ts >= $stepsFrom AND ts < $stepsTo AND revision > 0 AND ${isKnown}
      UNION ALL
      SELECT -row_number() OVER () AS row, known.id, ${names.map((name) => `known.${name}`).join(', ')}
      FROM (SELECT unnest(from_json($open, '${openShape}')) AS known)
    ), newest AS (
      SELECT arg_max(row, revision) AS row, list(deed) FILTER (deed IS NOT NULL) AS deeds FROM steps GROUP BY id
    ), spanned AS MATERIALIZED (
      SELECT steps.*, list_distinct(list_concat(deeds, [acknowledger, assigner, shelver])) AS names
      FROM newest JOIN steps USING (row) WHERE "raisedAt" < $to AND coalesce("clearedAt", $now) >= $from
    ), fitting AS MATERIALIZED (
      SELECT row, id, "raisedAt" AS since, names FROM spanned WHERE true ${fits.join(' ')}
    ), page AS (SELECT * FROM fitting ORDER BY since DESC, id LIMIT $limit OFFSET $offset)
    SELECT (SELECT count(*) FROM fitting) AS total,
      (SELECT to_json(list(name)) FROM (SELECT DISTINCT unnest(names) AS name FROM spanned ORDER BY name LIMIT ${maxHandlers})) AS handlers,
      (SELECT to_json(list({'id': page.id, 'names': names, 'body': body} ORDER BY since DESC, page.id))
        FROM page LEFT JOIN events ON events.rowid = page.row) AS page`
  const { from, to, stepsFrom = from, stepsTo = Number.MAX_SAFE_INTEGER, now, open, limit, offset } = search
  const values = {
    ...{ from: BigInt(from), to: BigInt(to), now: BigInt(now), limit, offset },
    ...{ stepsFrom: BigInt(stepsFrom), stepsTo: BigInt(stepsTo) },
    ...{ open: JSON.stringify(open.map((alert) => ({ id: alert.id, ...cellsOf({ alert }) }))), ...wanted },
  }
  return { sql, values }
}

const pageSchema = z.array(z.object({ id: z.string(), names: z.array(z.string()), body: z.string().nullable() }))

/** The row that answers {@link alertSearchSql}. */
export function alertsFound(
  { open }: AlertSearch,
  row: Readonly<Record<string, DuckDBValue>> | undefined,
): AlertsFound {
  const handlers = z.array(z.string()).parse(JSON.parse(String(row?.handlers ?? '[]')))
  const page = pageSchema.parse(JSON.parse(String(row?.page ?? '[]')))
  const known = new Map(open.map((alert) => [alert.id, alert]))
  const alerts = page.flatMap(({ id, body }) => {
    if (body === null) return known.get(id) ?? []
    return storedAlertSchema.safeParse(JSON.parse(body)).data?.alert ?? []
  })
  return {
    ...{ total: Number(row?.total ?? 0), alerts, handlers: handlers.toSorted(), complete: true },
    handledBy: Object.fromEntries(page.flatMap(({ id, names }) => (names.length > 0 ? [[id, names]] : []))),
  }
}

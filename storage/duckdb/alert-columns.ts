import { stepFactsOf } from '../alert-search.ts'
import type { StoredEvent } from '../store.ts'

/**
 * The columns of `events` that alerts are searched by: what {@link stepFactsOf} finds in a body, and where. `revision` is 0 for what is
 * no step of an alert, and empty for other streams and for an alert's event of an older release, until it is filled.
 */
export const alertColumns = [
  ['revision', 'BIGINT', '$.alert.revision'],
  ['deed', 'VARCHAR', '$.by'],
  ['rule', 'VARCHAR', '$.alert.rule'],
  ['cause', 'VARCHAR', '$.alert.cause'],
  ['priority', 'VARCHAR', '$.alert.priority'],
  ['kind', 'VARCHAR', '$.alert.kind'],
  // a list as JSON
  ['sensors', 'VARCHAR', '$.alert.sensors'],
  ['district', 'VARCHAR', '$.alert.district'],
  ['ward', 'VARCHAR', '$.alert.ward'],
  ['raisedAt', 'BIGINT', '$.alert.raisedAt'],
  ['clearedAt', 'BIGINT', '$.alert.clearedAt'],
  ['closedAt', 'BIGINT', '$.alert.closedAt'],
  ['acknowledger', 'VARCHAR', '$.alert.acknowledged.by'],
  ['shelver', 'VARCHAR', '$.alert.shelved.by'],
  ['assigner', 'VARCHAR', '$.alert.assigned.by'],
  ['assignee', 'VARCHAR', '$.alert.assigned.to'],
] as const
type AlertColumn = (typeof alertColumns)[number][0]

/** What one event holds in these columns. */
export type AlertCells = Partial<Record<AlertColumn, string | number | null>>

/** The cells of an alert, and of who took the step that left it so. */
export function cellsOf({ alert, by }: NonNullable<ReturnType<typeof stepFactsOf>>): AlertCells {
  const { revision, rule, cause, kind, district, ward, raisedAt, clearedAt, closedAt } = alert
  const { acknowledged, assigned, shelved } = alert
  return {
    ...{ revision, rule, cause, kind, district, raisedAt, deed: by ?? null, ward: ward ?? null },
    ...{ priority: String(alert.priority), sensors: JSON.stringify(alert.sensors) },
    ...{ clearedAt: clearedAt ?? null, closedAt: closedAt ?? null },
    ...{ acknowledger: acknowledged?.by ?? null, shelver: shelved?.by ?? null },
    ...{ assigner: assigned?.by ?? null, assignee: assigned?.to ?? null },
  }
}

/** The cells of an event. */
export function eventCellsOf({ stream, body }: StoredEvent): AlertCells {
  if (stream !== 'alert') return {}
  const facts = stepFactsOf(body)
  return facts ? cellsOf(facts) : { revision: 0 }
}

/** events that are filled in one transaction: others write in between */
export const migrationBatchSize = 20_000

const found = (jsonPath: string, type: string) => `try_cast(body->>'${jsonPath}' AS ${type})`

/** Fills the columns of some events of an older release; to be run until it changes fewer than {@link migrationBatchSize}. */
export const migrateAlertColumnsSql = `UPDATE events SET ${alertColumns
  .map(([name, type, jsonPath]) => {
    const value = found(jsonPath, type)
    const isStep = `body->>'$.alert.id' IS NOT NULL AND ${found('$.alert.raisedAt', 'BIGINT')} IS NOT NULL`
    return `"${name}" = ${name === 'revision' ? `coalesce(CASE WHEN ${isStep} THEN ${value} END, 0)` : value}`
  })
  .join(', ')}
  WHERE rowid IN (SELECT rowid FROM events WHERE stream = 'alert' AND revision IS NULL LIMIT ${migrationBatchSize})`

import type { Kind } from '#telemetry/kinds.ts'
import { tableOf } from './schema.ts'

// One row a kind: the newest reading of each sensor among those measured before `cut` (`readings`, JSON; NULL while it is made), of
// what is not older than `kept`. `row_count` is how many readings there were when the file was closed, NULL while it is open.
// `newest_changes` holds what was written since to times before the cut.

/** Statements that make the tables of the snapshot. */
export const snapshotStatements: readonly string[] = [
  'CREATE TABLE IF NOT EXISTS newest_snapshots (kind VARCHAR NOT NULL, cut BIGINT NOT NULL, kept BIGINT NOT NULL, readings VARCHAR, row_count BIGINT)',
  'CREATE TABLE IF NOT EXISTS newest_changes (kind VARCHAR NOT NULL, sensor VARCHAR NOT NULL, ts BIGINT NOT NULL)',
]

/**
 * Parameter `kind`. `isTrue`: whether the readings that the file was closed with are there, and not those that another release wrote
 * meanwhile. `changes`: how many there are.
 */
export function readSnapshotSql(kind: Kind): string {
  return `SELECT cut::DOUBLE AS cut, kept::DOUBLE AS kept, readings,
      (row_count IS NULL OR row_count = (SELECT count(*) FROM ${tableOf(kind)})) AS "isTrue",
      (SELECT count(*) FROM newest_changes WHERE kind = $kind)::DOUBLE AS changes
    FROM newest_snapshots WHERE kind = $kind`
}

/** Parameters `kind`, `cut`: a snapshot that is still to be made. */
export const beginSnapshotSql = 'INSERT INTO newest_snapshots (kind, cut, kept) VALUES ($kind, $cut, 0)'

/** Parameters `kind`, `readings`: the snapshot that was begun is made. What was deleted meanwhile is in `kept`. */
export const completeSnapshotSql = 'UPDATE newest_snapshots SET readings = $readings WHERE kind = $kind'

/** Parameters `kind`, `cut`, `readings`. */
export const renewSnapshotSql =
  'UPDATE newest_snapshots SET cut = $cut, kept = 0, readings = $readings WHERE kind = $kind'

/** Parameter `kind`. */
export const deleteSnapshotSql = 'DELETE FROM newest_snapshots WHERE kind = $kind'

/** Parameter `kind`. */
export const deleteChangesSql = 'DELETE FROM newest_changes WHERE kind = $kind'

/** Column `isOurs`: whether nobody wrote readings of this kind since this release closed the file. Parameter `kind`. */
export function isOursSql(kind: Kind): string {
  return `SELECT bool_or(row_count IS NULL OR row_count = (SELECT count(*) FROM ${tableOf(kind)})) AS "isOurs"
    FROM newest_snapshots WHERE kind = $kind`
}

/** Parameter `kind`: the file is to be closed. */
export function sealSnapshotSql(kind: Kind): string {
  return `UPDATE newest_snapshots SET row_count = (SELECT count(*) FROM ${tableOf(kind)}) WHERE kind = $kind`
}

/** Parameter `kind`: readings are written from now on. */
export const unsealSnapshotSql = 'UPDATE newest_snapshots SET row_count = NULL WHERE kind = $kind'

/** Parameters `kind`, `kept`: what was measured before is deleted in the same transaction. */
export const trimSnapshotSql = 'UPDATE newest_snapshots SET kept = greatest(kept, $kept) WHERE kind = $kind'

/** Parameter `kind`. Columns `changedSensor`, `changedAt`: each change once; and the row that is there now, NULL when none is. */
export function changedRowsSql(kind: Kind): string {
  return `SELECT changed.sensor AS "changedSensor", changed.ts AS "changedAt", row.*
    FROM (SELECT DISTINCT sensor, ts FROM newest_changes WHERE kind = $kind) AS changed
    LEFT JOIN ${tableOf(kind)} AS row ON row.sensor = changed.sensor AND row.ts = changed.ts`
}

import type { Kind } from '#telemetry/kinds.ts'
import { tableOf } from './schema.ts'
import { sortKeyColumn, sortKeySql } from './sort-key.ts'

const unsorted = (time: string) => `${sortKeyColumn} = 0 AND ts < ${time}`

/** Another release, which does not know the sort key, leaves it empty: such readings would not be found. */
export function completeSortKeysSql(kind: Kind): string {
  return `UPDATE ${tableOf(kind)} SET ${sortKeyColumn} = 0 WHERE ${sortKeyColumn} IS NULL`
}

/** Columns `hour` (since the epoch) and `readings` that are not sorted, in order. Parameter `before`. */
export function unsortedHoursSql(kind: Kind): string {
  return `SELECT (ts // 3600000)::DOUBLE AS hour, count(*)::DOUBLE AS readings FROM ${tableOf(kind)}
    WHERE ${unsorted('$before')} GROUP BY hour ORDER BY hour`
}

/** Columns `sensor` and `readings` that are not sorted, in the order of sorting. Parameter `to`. */
export function unsortedSensorsSql(kind: Kind): string {
  return `SELECT sensor, readings FROM (SELECT sensor, count(*)::DOUBLE AS readings FROM ${tableOf(kind)}
    WHERE ${unsorted('$to')} GROUP BY sensor) ORDER BY ${sortKeySql}, sensor`
}

/** Column `ts`: when the reading behind the first `offset` unsorted ones of a sensor was measured. Parameters `to`, `sensor`, `offset`. */
export function unsortedTimeSql(kind: Kind): string {
  return `SELECT ts FROM ${tableOf(kind)} WHERE ${unsorted('$to')} AND sensor = $sensor ORDER BY ts LIMIT 1 OFFSET $offset`
}

/** Parameters `to`; `sensors` (JSON), those that are sorted whole; `last`, one that is sorted before `lastTo` only. */
const chosen = `(sensor IN (SELECT unnest(from_json($sensors, '["VARCHAR"]'))) OR (sensor = $last AND ts < $lastTo))`

/** Parameters as of {@link chosen}. Appends the chosen readings once more, sorted. */
export function appendSortedSql(kind: Kind): string {
  return `INSERT INTO ${tableOf(kind)} BY NAME SELECT * REPLACE (${sortKeySql} AS ${sortKeyColumn}) FROM ${tableOf(kind)}
    WHERE ${unsorted('$to')} AND ${chosen} ORDER BY ${sortKeyColumn}, sensor, ts`
}

/** Parameters as of {@link chosen}. Deletes the chosen readings that are not sorted. */
export function deleteUnsortedSql(kind: Kind): string {
  return `DELETE FROM ${tableOf(kind)} WHERE ${unsorted('$to')} AND ${chosen}`
}

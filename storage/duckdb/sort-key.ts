import { createHash } from 'node:crypto'

/**
 * What sorted readings are sorted by first, a number for each sensor; 0 while a reading is not sorted yet. DuckDB leaves out parts
 * of a table by the least and greatest of each column, but of a text knows only the first eight bytes, which sensors share.
 */
export const sortKeyColumn = '"sortKey"'
/** its definition: a column that is added has the same in every row, which takes no space */
export const sortKeyDefinition = `${sortKeyColumn} UINTEGER DEFAULT 0`

const digits = 7

/** The {@link sortKeyColumn} of a sensor's sorted readings. */
export function sortKeyOf(sensor: string): number {
  return Math.max(1, Number.parseInt(createHash('md5').update(sensor).digest('hex').slice(0, digits), 16))
}

/** The same in SQL, of a column `sensor`. */
export const sortKeySql = `greatest(1, ('0x' || md5(sensor)[1:${digits}])::UINTEGER)::UINTEGER`

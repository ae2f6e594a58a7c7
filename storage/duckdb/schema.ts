import type { Kind } from '#telemetry/kinds.ts'
import { kinds } from '#telemetry/kinds.ts'
import { valuesOfKind } from '#telemetry/values.ts'
import { alertColumns } from './alert-columns.ts'
import { sortKeyDefinition } from './sort-key.ts'

/** Version of the layout below, kept in the table `layout`. */
export const layoutVersion = 1

const identity = ['district VARCHAR NOT NULL', 'sensor VARCHAR NOT NULL', 'ts BIGINT NOT NULL', 'seq BIGINT']
/** what was added to a reading since the first release; as a value's, its column is added to old tables too */
const added = ['"aheadMs" BIGINT', 'states VARCHAR', sortKeyDefinition]

/** Table of a kind's readings: a row a reading, a column a value; `ts` in epoch ms. */
export function tableOf(kind: Kind): string {
  return kind.replace('-', '_')
}

/** Table in memory that a batch goes through on its way into {@link tableOf}. */
export function stageOf(kind: Kind): string {
  return `stage_${tableOf(kind)}`
}

/** The column of a value, quoted. */
export function column(name: string): string {
  return `"${name}"`
}

function furtherColumns(kind: Kind): string[] {
  const values = valuesOfKind[kind].map(
    ({ name, type }) => `${column(name)} ${type === 'number' ? 'DOUBLE' : 'VARCHAR'}`,
  )
  return [...values, ...added]
}

/** Statements that make what is missing; a value that the platform learnt since becomes a column of old tables too. */
export const createStatements: readonly string[] = [
  'CREATE TABLE IF NOT EXISTS layout (version INTEGER NOT NULL)',
  'CREATE TABLE IF NOT EXISTS events (stream VARCHAR, id VARCHAR, ts BIGINT NOT NULL, body VARCHAR NOT NULL, PRIMARY KEY (stream, id))',
  // filled by migrateSubjectsSql; a column of its own is read alone, so that 200,000 rows are searched in 2 ms without an index
  'ALTER TABLE events ADD COLUMN IF NOT EXISTS subject VARCHAR',
  'ALTER TABLE events ADD COLUMN IF NOT EXISTS amount INTEGER',
  ...alertColumns.map(([name, type]) => `ALTER TABLE events ADD COLUMN IF NOT EXISTS ${column(name)} ${type}`),
  'CREATE TABLE IF NOT EXISTS documents (collection VARCHAR, id VARCHAR, body VARCHAR NOT NULL, PRIMARY KEY (collection, id))',
  // one row, which a ping writes
  'CREATE TABLE IF NOT EXISTS probe AS SELECT 0::BIGINT AS mark',
  ...kinds.flatMap((kind) => [
    `CREATE TABLE IF NOT EXISTS ${tableOf(kind)} (${[...identity, ...furtherColumns(kind)].join(', ')})`,
    ...furtherColumns(kind).map((definition) => `ALTER TABLE ${tableOf(kind)} ADD COLUMN IF NOT EXISTS ${definition}`),
  ]),
]

/** Statements for what lives with the connection that writes. */
export const stageStatements: readonly string[] = kinds.map(
  (kind) => `CREATE TEMP TABLE ${stageOf(kind)} (${[...identity, ...furtherColumns(kind)].join(', ')})`,
)

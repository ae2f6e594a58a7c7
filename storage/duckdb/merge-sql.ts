import type { Kind } from '#telemetry/kinds.ts'
import { valuesOfKind } from '#telemetry/values.ts'
import { column, stageOf, tableOf } from './schema.ts'
import { mergedStatesSql } from './states-sql.ts'

// Parameters `from` and `to`, the first and last time in the stage: only rows of that span are looked at, for DuckDB skips all
// other row groups by their min and max.

const rest = ['district', 'seq', column('aheadMs')]
const valuesOf = (kind: Kind) => valuesOfKind[kind].map(({ name }) => column(name))
const met = 'old.sensor = new.sensor AND old.ts = new.ts AND old.ts BETWEEN $from AND $to'
const changes = (name: string) => `(new.${name} IS NOT NULL AND new.${name} IS DISTINCT FROM old.${name})`

/** Whether a row of the stage holds anything that the stored one does not. */
function differs(kind: Kind): string {
  const others = rest.map((name) => `new.${name} IS DISTINCT FROM old.${name}`)
  const states = `${mergedStatesSql(kind, 'old', 'new')} IS DISTINCT FROM old.states`
  return `(${[...others, ...valuesOf(kind).map(changes), states].join(' OR ')})`
}

/** Appends the rows of the stage whose (sensor, ts) is not there yet. */
export function appendMissingSql(kind: Kind): string {
  const names = ['sensor', 'ts', ...rest, 'states', ...valuesOf(kind)].join(', ')
  return `INSERT INTO ${tableOf(kind)} (${names}) SELECT ${names} FROM ${stageOf(kind)} AS new
    ANTI JOIN (SELECT sensor, ts FROM ${tableOf(kind)} WHERE ts BETWEEN $from AND $to) AS old USING (sensor, ts)`
}

/** How many rows of the stage differ from the stored ones, and how many contradict a value of them. */
export function differencesSql(kind: Kind): string {
  const contradicts = valuesOf(kind).map((name) => `(old.${name} IS NOT NULL AND ${changes(name)})`)
  return `SELECT count(*) FILTER (${differs(kind)}), count(*) FILTER (${contradicts.join(' OR ')})
    FROM ${tableOf(kind)} AS old JOIN ${stageOf(kind)} AS new ON ${met}`
}

/** Gives stored rows the values of the stage's, where they differ. */
export function mergeSql(kind: Kind): string {
  const sets = [
    ...rest.map((name) => `${name} = new.${name}`),
    `states = ${mergedStatesSql(kind, 'old', 'new')}`,
    ...valuesOf(kind).map((name) => `${name} = coalesce(new.${name}, old.${name})`),
  ]
  return `UPDATE ${tableOf(kind)} AS old SET ${sets.join(', ')} FROM ${stageOf(kind)} AS new WHERE ${met} AND ${differs(kind)}`
}

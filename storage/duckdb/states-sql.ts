import type { Kind } from '#telemetry/kinds.ts'
import { valuesOfKind } from '#telemetry/values.ts'
import { column } from './schema.ts'

// The column `states` holds the text of telemetry/device-state.ts: `no2:error,pm25:calibrating`, names in order.

/** Names of a kind's values, in the order in which their states stand in the text. */
const namesInOrder = (kind: Kind) => valuesOfKind[kind].map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1))

/** The state of a value in such a text, an expression of SQL; null while it is being measured. */
export function stateSql(name: string, states: string): string {
  return `nullif(regexp_extract(${states}, '(^|,)${name}:([a-z]+)', 2), '')`
}

/** Whether a value of a row was being measured. */
export function isMeasuredSql(name: string, states = 'states'): string {
  return `(${states} IS NULL OR NOT regexp_matches(${states}, '(^|,)${name}:'))`
}

/** The text of which the state of each value is the one in the text that `of` gives for it. */
export function statesSql(kind: Kind, of: (name: string) => string): string {
  const entries = namesInOrder(kind).map((name) => `'${name}:' || ${stateSql(name, of(name))}`)
  return `nullif(concat_ws(',', ${entries.join(', ')}), '')`
}

/** The states of two rows of one (sensor, ts): the later one says those of the values that it holds. */
export function mergedStatesSql(kind: Kind, earlier: string, later: string): string {
  const of = (name: string) =>
    `CASE WHEN ${later}.${column(name)} IS NULL THEN ${earlier}.states ELSE ${later}.states END`
  return `CASE WHEN ${earlier}.states IS NULL THEN ${later}.states ELSE ${statesSql(kind, of)} END`
}

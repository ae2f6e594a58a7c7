/** A query in InfluxQL and the values bound to its `$` names. */
export interface InfluxQuery {
  text: string
  params?: Readonly<Record<string, string>>
}

/** last ms that InfluxDB's times in ns can surely hold */
export const lastMs = 9_000_000_000_000

/** A time (epoch ms) as InfluxQL reads it. */
export function timeText(ts: number): string {
  return new Date(Math.min(Math.max(ts, 0), lastMs)).toISOString()
}

/** A number that may stand in a query. 0 may not: `LIMIT 0` is no limit. @throws RangeError */
export function wholeNumber(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${name} is ${value}: it must be a whole number above 0`)
  return value
}

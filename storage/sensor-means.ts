import type { SensorMeans } from './store.ts'

/** The means in a row with the columns `mean_…` and `count_…` of each value, null or 0 where there is no reading. */
export function meansOf(values: readonly string[], row: Readonly<Record<string, unknown>>): SensorMeans['values'] {
  return Object.fromEntries(
    values.flatMap((value) => {
      const count = Number(row[`count_${value}`] ?? 0)
      return count === 0 ? [] : [[value, { mean: Number(row[`mean_${value}`]), count }]]
    }),
  )
}

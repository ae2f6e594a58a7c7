/** Assumed period of a sensor that has sent no meta, s. */
export const defaultPeriod = 60

/** Periods without a reading after which a sensor counts as stale, a silence is looked at, and a line of a chart is broken. */
export const stalePeriods = 3

/** ms after which the newest reading of a sensor is stale: three of its own periods (s). */
export function staleAfterMs(meta: { period?: number | undefined } | undefined): number {
  return 1_000 * stalePeriods * (meta?.period ?? defaultPeriod)
}

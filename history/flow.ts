import type { ReportingPeriod } from '#telemetry/reporting-period.ts'

/** A part of a span (epoch ms) in which a sensor's period does not change. */
export interface Stretch {
  from: number
  to: number
  /** s; undefined: nobody knows */
  seconds: number | undefined
}

/** The parts of a span in which the period is one and the same, in order: a mean of one never mixes counts of 60 s with counts of 5 s. */
export function stretchesOf(
  periods: readonly ReportingPeriod[],
  { from, to }: { from: number; to: number },
): Stretch[] {
  const stretches: Stretch[] = []
  for (const period of periods) {
    const last = stretches.at(-1)
    if (last?.seconds === period.seconds) continue
    if (last) last.to = period.from
    stretches.push({ from: Math.max(period.from, from), to, seconds: period.seconds })
  }
  return stretches.length === 0 ? [{ from, to, seconds: undefined }] : stretches
}

/** What a count of one period is in an hour. */
export function perHour(count: number, seconds: number): number {
  return (count * 3_600) / seconds
}

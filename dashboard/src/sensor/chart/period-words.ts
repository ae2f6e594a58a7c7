import type { ReportingPeriod } from '#telemetry/reporting-period.ts'
import type { Format } from '../../i18n/format.ts'
import type { PanelTexts } from '../texts.ts'

/** Says over how many seconds vehicles were counted, from when on where that changed, and up to when nobody noted it. */
export function periodWords(
  periods: readonly ReportingPeriod[],
  texts: Pick<PanelTexts, 'counted' | 'since' | 'assumedBefore'>,
  format: Pick<Format, 'number' | 'dateTime'>,
): string {
  const changes = periods.filter(({ seconds }, at) => periods[at - 1]?.seconds !== seconds)
  const said = changes.map(({ from, seconds }, at) => {
    const period = `${format.number(seconds, Number.isInteger(seconds) ? 0 : 1)} s`
    return at === 0 ? period : texts.since(period, format.dateTime(from))
  })
  const isAssumed = periods[0]?.assumed
  const noted = periods[1]
  const known = isAssumed && noted ? [texts.assumedBefore(format.dateTime(noted.from))] : []
  return texts.counted([...said, ...known].join(', '))
}

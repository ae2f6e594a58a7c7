import { alertSteps, alertsAt } from '#storage/alerts-at.ts'
import type { QueryContext } from '#storage/query-context.ts'
import type { Span } from '#storage/roll-up/spans.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { minuteMs } from '#telemetry/durations.ts'
import { type Failure, FailureCollector } from './failures.ts'

/** steps of alerts that are held at once */
const pageSteps = 5_000
/** steps of alerts that are looked at for one answer, and alerts that were open when its span began */
const maxSteps = 100_000
const maxOpen = 20_000

/** Failures of lamps by the alerts about them, and up to when they are known, epoch ms: earlier than asked when there were too many steps. */
export interface FailuresFound {
  failures: Failure[]
  knownTo: number
}

/**
 * What alerts with the causes of failures say of lamps in a span (epoch ms): those open at its beginning, and every step since. As the rules of
 * then had it: a failure begins once it has lasted as long as they ask, and where no rule was in force there is none.
 */
export async function readFailures(
  store: TelemetryStore,
  { from, to }: Span,
  context: QueryContext,
): Promise<FailuresFound> {
  const collector = new FailureCollector()
  const { open } = await alertsAt(store, context, { moment: from, most: maxOpen })
  for (const alert of open) collector.add(alert)
  let at = from
  for (let looked = 0; at < to && looked < maxSteps; ) {
    const page = await alertSteps(store, context, { from: at, to, step: minuteMs, most: pageSteps })
    if (!page || page.to <= at) break
    for (const { alert } of page.steps) collector.add(alert)
    looked += page.steps.length
    at = page.to
  }
  return { failures: collector.all, knownTo: Math.min(at, to) }
}

import type { QueryContext } from '#storage/query-context.ts'
import type { ReportingSteps } from '#storage/reporting-steps.ts'
import type { Span } from '#storage/roll-up/spans.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { isBurning } from '#telemetry/kinds/lighting/lamp.ts'
import { stalePeriods } from '#telemetry/period.ts'

/** A time (epoch ms) in which a lamp was known to burn, or not to. */
export interface LampState extends Span {
  isBurning: boolean
}

/**
 * Whether a lamp that measures no power burned, by what it says (`powerState`, a word, of which there are no roll-ups), from its readings: each
 * holds until the next, at most three periods. Undefined when there are more than `most` readings: then it is not known.
 */
export async function readLampStates(
  store: Pick<TelemetryStore, 'readings'>,
  { sensor, steps, most, ...span }: Span & { sensor: string; steps: Pick<ReportingSteps, 'at'>; most: number },
  context?: QueryContext,
): Promise<{ states: LampState[]; readings: number } | undefined> {
  const states: LampState[] = []
  let readings = 0
  let held: { ts: number; isBurning: boolean } | undefined
  const end = (at: number) => {
    if (!held) return
    const to = Math.min(at, held.ts + stalePeriods * steps.at(sensor, held.ts), span.to)
    if (to > held.ts) states.push({ from: held.ts, to, isBurning: held.isBurning })
    held = undefined
  }
  const query = { kind: 'lighting', sensor, ...span, limit: most + 1 } as const
  for await (const page of store.readings(query, context))
    for (const reading of page) {
      readings += 1
      if (readings > most) return undefined
      if (reading.kind !== 'lighting' || reading.values.powerState === undefined) continue
      end(reading.ts)
      // what is not measured, and what a wrong clock says, ends what was held
      if (reading.aheadMs !== undefined || reading.states?.powerState !== undefined) continue
      held = { ts: reading.ts, isBurning: isBurning({ powerState: reading.values.powerState }, {}) }
    }
  end(span.to)
  return { states, readings }
}

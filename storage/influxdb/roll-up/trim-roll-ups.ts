import { hourMs } from '#telemetry/durations.ts'
import { kinds } from '#telemetry/kinds.ts'
import { LocalDays } from '../../roll-up/local-days.ts'
import type { RollUpStorage } from '../../roll-ups.ts'
import type { InfluxSession } from '../session.ts'
import { daysOf, hoursOf } from './measurements.ts'

/** How roll-ups are deleted that are older than they are kept: whole local days, so that no day is left of which some hours are gone. */
export function rollUpTrimming(session: InfluxSession, timeZone: string): Pick<RollUpStorage, 'trimRollUps'> {
  const days = new LocalDays(timeZone)
  return {
    async trimRollUps(before) {
      const kept = days.dayOf(before).from
      for (const kind of kinds) {
        await session.deleteBefore(kept - hourMs + 1, hoursOf(kind))
        await session.deleteBefore(kept, daysOf(kind))
      }
    },
  }
}

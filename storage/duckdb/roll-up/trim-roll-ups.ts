import { hourMs } from '#telemetry/durations.ts'
import { kinds } from '#telemetry/kinds.ts'
import type { RollUpStorage } from '../../roll-ups.ts'
import type { Database } from '../database.ts'
import type { DaysOfStore } from './question.ts'
import { daysOf, hoursOf } from './roll-up-tables.ts'

/** How roll-ups are deleted that are older than they are kept: whole local days, so that no day is left of which some hours are gone. */
export function rollUpTrimming(database: Database, { days }: DaysOfStore): Pick<RollUpStorage, 'trimRollUps'> {
  return {
    async trimRollUps(before) {
      const kept = days.dayOf(before).from
      // a kind at a time: writes go on in between
      for (const kind of kinds)
        await database.transaction(async (connection) => {
          await connection.run(`DELETE FROM ${hoursOf(kind)} WHERE "start" <= ${kept - hourMs}`)
          await connection.run(`DELETE FROM ${daysOf(kind)} WHERE "start" < ${kept}`)
        })
    },
  }
}

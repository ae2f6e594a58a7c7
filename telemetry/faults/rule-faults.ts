import { z } from 'zod'
import type { FaultOf } from './fault-table.ts'

const kind = z.string()

/** What can be wrong with an alert rule beside its single values. */
export const ruleFaults = {
  /** conditions of this type are about one kind alone */
  CONDITION_OF_OTHER_KIND: z.object({ kind, type: z.string() }),
  NO_VALUE_OF_KIND: z.object({ kind }),
  /** sensors of the kind tell no such level of themselves in the unit of the value */
  NO_LEVEL_OF_KIND: z.object({ kind }),
  /** the value is a word, which has no size */
  NO_SIZE: z.object({}),
  /** neither above nor below */
  NO_LIMIT: z.object({}),
  BELOW_NOT_UNDER_ABOVE: z.object({}),
  FAILURE_OF_OTHER_KIND: z.object({ failure: z.string(), kind }),
} as const
export type RuleFault = FaultOf<typeof ruleFaults>

import { z } from 'zod'

const nothing = z.object({})
const names = z.array(z.string())
/** some ids, and how many more there are */
const some = { ids: names, more: z.number() }
/** a coarser window that would do; absent where none would */
const window = z.string().optional()

/** Why a question about the past is not answered, with what would be. */
export const historyFaults = {
  KIND_OR_SENSORS_NEEDED: z.object({ kinds: names }),
  SENSORS_OF_SEVERAL_KINDS: z.object({ kinds: names }),
  SENSORS_OF_OTHER_KIND: z.object({ kind: z.string(), ...some }),
  /** districts, wards, roads or tags that there are not */
  NO_SUCH_GROUPS: z.object({ by: z.enum(['district', 'ward', 'road', 'tag']), ...some, known: names }),
  VALUE_OF_OTHER_KIND: z.object({ name: z.string(), kind: z.string(), others: names, values: names }),
  NO_FIGURES_OF_WORDS: z.object({ name: z.string(), values: names }),
  NOT_A_COUNTER: z.object({ name: z.string(), counters: names }),
  LIMIT_NEEDED: nothing,
  LIMIT_OF_SHARE_ABOVE: nothing,
  LIMIT_OF_ONE_VALUE: nothing,
  WINDOW_OR_POINTS: nothing,
  PROFILE_HAS_NO_WINDOW: nothing,
  NO_PERCENTILES_IN_PROFILE: z.object({ functions: names }),
  SPAN_NOT_BEGUN: nothing,
  TOO_MANY_SERIES: z.object({ series: z.number(), most: z.number() }),
  TOO_MANY_FIGURES: z.object({ figures: z.number(), most: z.number(), window }),
  /** `days`: what would do of the span */
  TOO_MANY_READINGS_ASKED: z.object({ readings: z.number(), most: z.number(), window, days: z.number().optional() }),
} as const

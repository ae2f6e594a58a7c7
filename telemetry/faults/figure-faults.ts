import { z } from 'zod'

/** Why official figures are not given, with what would be, beside what history-faults.ts has. */
export const figureFaults = {
  /** nights and days by the sun to the minute; whole hours would do */
  SUN_EDGES_LOOK_AT_TOO_MUCH: z.object({ readings: z.number(), most: z.number() }),
  /** some ids of sensors, and how many more there are */
  FIGURES_OF_OTHER_KIND: z.object({ kind: z.string(), ids: z.array(z.string()), more: z.number() }),
  FIGURES_OF_MORE_DAYS: z.object({ days: z.number() }),
} as const

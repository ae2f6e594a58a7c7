import { type Cause, conditions } from '../conditions/conditions.ts'
import type { Words } from '../language.ts'

/** What a rule looks for, and so the cause of its alerts, in Vietnamese and English: as each condition says of itself. */
export const causeWords = Object.fromEntries(conditions.map(({ type, names }) => [type, names])) as Readonly<
  Record<Cause, Words>
> // one for each

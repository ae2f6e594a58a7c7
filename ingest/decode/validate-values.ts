import type { z } from 'zod'
import { byKind, type Kind, kindModules } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import { issueWords } from '#telemetry/refusal-words.ts'

/** What is good of a reading's values, and what is wrong with the others. */
export interface ValidatedValues {
  /** undefined when none is good */
  values: Reading['values'] | undefined
  /** known names in the message, whether their values were good or not */
  known: number
  /** values that are null: absent */
  nulls: number
  /** in plain words, one for each value that was dropped */
  faults: readonly string[]
}

/** What a reading of each kind may hold. */
export const valuesSchemas = byKind<z.ZodType<Reading['values']>>((kind) => kindModules[kind].schema)
const names = byKind((kind) => Object.keys(kindModules[kind].values))

/** Judges the values of a message that is an object. One bad value does not spoil the others. */
export function validateValues(
  kind: Kind,
  item: object,
  sourceOf: (member: string) => string | undefined,
): ValidatedValues {
  const held = Object.entries(item).filter(([name]) => names[kind].includes(name))
  const good = new Map(held.filter(([, value]) => value !== null))
  const found = { known: held.length, nulls: held.length - good.size }
  const faults: string[] = []
  // each round drops at least one value
  for (;;) {
    const parsed = valuesSchemas[kind].safeParse(Object.fromEntries(good))
    if (parsed.success) return { ...found, values: parsed.data, faults }
    let dropped = false
    for (const issue of parsed.error.issues) {
      const wrong = wrongNames(issue).filter((name) => good.delete(name))
      if (wrong.length === 0) continue
      dropped = true
      faults.push(issueWords(issue, sourceOf))
    }
    if (dropped) continue
    // it complains of the whole: nothing is left
    if (faults.length === 0) faults.push(...parsed.error.issues.map((issue) => issueWords(issue, sourceOf)))
    return { ...found, values: undefined, faults }
  }
}

/** The values that an issue speaks of: several when they contradict one another. */
function wrongNames(issue: z.core.$ZodIssue): string[] {
  const together: unknown = issue.code === 'custom' ? issue.params?.values : undefined
  return Array.isArray(together) ? together.map(String) : issue.path.slice(0, 1).map(String)
}

import type { z } from 'zod'
import { type MessageFault, messageFaultOf } from '#telemetry/faults/message-faults.ts'
import { byKind, type Kind, kindModules } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'

/** What is good of a reading's values, and what is wrong with the others. */
export interface ValidatedValues {
  /** undefined when none is good */
  values: Reading['values'] | undefined
  /** known names in the message, whether their values were good or not */
  known: number
  /** values that are null: absent */
  nulls: number
  /** one for each value that was dropped */
  faults: readonly MessageFault[]
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
  const faults: MessageFault[] = []
  // each round drops at least one value
  for (;;) {
    const parsed = valuesSchemas[kind].safeParse(Object.fromEntries(good))
    if (parsed.success) return { ...found, values: parsed.data, faults }
    let dropped = false
    for (const issue of parsed.error.issues) {
      const wrong = wrongNames(issue).filter((name) => good.delete(name))
      if (wrong.length === 0) continue
      dropped = true
      faults.push(memberFault(issue, sourceOf))
    }
    if (dropped) continue
    // it complains of the whole: nothing is left
    if (faults.length === 0) faults.push(...parsed.error.issues.map((issue) => memberFault(issue, sourceOf)))
    return { ...found, values: undefined, faults }
  }
}

/** The fault that an issue about a member of a message stands for. `sourceOf` gives the text of a member as it was sent, of the whole for ''. */
export function memberFault(issue: z.core.$ZodIssue, sourceOf: (member: string) => string | undefined): MessageFault {
  const name = String(issue.path[0] ?? '')
  const source = sourceOf(name)
  return messageFaultOf(issue, { isThere: source !== undefined, source }, name)
}

/** The values that an issue speaks of: several when they contradict one another. */
function wrongNames(issue: z.core.$ZodIssue): string[] {
  const together: unknown = issue.code === 'custom' ? issue.params?.values : undefined
  return Array.isArray(together) ? together.map(String) : issue.path.slice(0, 1).map(String)
}

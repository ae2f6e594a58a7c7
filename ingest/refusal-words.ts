import type { z } from 'zod'

/** characters of a wrong value that are repeated */
const maxShown = 40

/** What the message holds at this path. */
function held(item: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (within, name) => (typeof within === 'object' && within !== null ? Reflect.get(within, name) : undefined),
    item,
  )
}

const choices = (values: readonly unknown[]) => values.map(String).join(', ')

const typeWords: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  object: 'a JSON object',
}

function mustBe(issue: z.core.$ZodIssue): string | undefined {
  if (issue.path[0] === 'ts' && (issue.code === 'too_small' || issue.code === 'too_big'))
    return 'must be milliseconds since 1970, from the year 2000 to 2100'
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`
  if (issue.code === 'invalid_type') return `must be ${typeWords[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_value') return `must be one of ${choices(issue.values)}`
  return undefined
}

/**
 * Zod's first complaint of a message in plain words: which value, what it holds and what it may hold. The dashboard says them in
 * Vietnamese (`reasonWords`), sentence by sentence.
 */
export function refusalWords({ issues: [issue] }: z.ZodError, item: unknown): string {
  if (!issue) return 'not valid'
  const name = issue.path.join('.')
  const value = held(item, issue.path)
  const must = mustBe(issue)
  const said =
    must === undefined
      ? issue.message
      : value === undefined
        ? 'is missing'
        : `is ${JSON.stringify(value).slice(0, maxShown)}, ${must}`
  return name === '' ? said : `${name}: ${said}`
}

import type { z } from 'zod'

/** characters of a wrong value that are repeated */
const maxShown = 40
/** characters of a reason that are kept */
const maxReason = 500

const choices = (values: readonly unknown[]) => values.map(String).join(', ')

const typeWords: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  object: 'a JSON object',
}

/** control and bidirectional characters, halves of pairs */
const unfit = /[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** What was sent, fit to be shown and stored. */
export function plainText(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, maxReason).replace(unfit, '\ufffd')
}

function mustBe(issue: z.core.$ZodIssue, source: string): string | undefined {
  if (issue.path[0] === 'ts' && (issue.code === 'too_small' || issue.code === 'too_big'))
    return 'must be milliseconds since 1970, from the year 2000 to 2100'
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`
  // a number that is too large for any computer is infinite once it is parsed
  if (issue.code === 'invalid_type' && /^-?\d/.test(source) && !Number.isFinite(Number(source)))
    return 'must be a finite number'
  if (issue.code === 'invalid_type') return `must be ${typeWords[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_value') return `must be one of ${choices(issue.values)}`
  return undefined
}

/**
 * A complaint of Zod in plain words: which value, what it holds and what it may hold. The dashboard says them in
 * Vietnamese (`reasonWords`), sentence by sentence. `sourceOf` gives the text of a member as it was sent, of the whole for ''.
 */
export function issueWords(issue: z.core.$ZodIssue, sourceOf: (member: string) => string | undefined): string {
  const name = String(issue.path[0] ?? '')
  const source = sourceOf(name)
  const must = mustBe(issue, source ?? '')
  const said =
    must === undefined
      ? issue.message
      : source === undefined
        ? 'is missing'
        : `is ${plainText(source.slice(0, maxShown))}, ${must}`
  return name === '' ? said : `${name}: ${said}`
}

const notJson = /[:[,]\s*(-?(?:nan|inf(?:inity)?))\b/i

/** Why a text is no JSON. */
export function jsonFaultWords(error: unknown, text: string): string {
  const [, word] = notJson.exec(text) ?? []
  if (word) return `${word} is no JSON: leave the value out, or send null`
  return plainText(messageOf(error))
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

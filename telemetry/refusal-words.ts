import type { z } from 'zod'
import { withoutStrings } from './json-source.ts'
import { withoutHidden } from './plain-text.ts'

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
  array: 'an array',
  tuple: 'an array',
}

/** What was sent, fit to be shown and stored. */
export function plainText(text: string): string {
  return withoutHidden(text.replace(/\s+/g, ' ').slice(0, maxReason))
}

/** A wrong value as it was sent, bounded. */
export function quoted(source: string): string {
  return plainText(source.slice(0, maxShown)) + (source.length > maxShown ? '…' : '')
}

/** what a text or a list has so many of */
const parts: Readonly<Record<string, string>> = { string: ' characters', array: ' items' }

function least({ origin, minimum }: z.core.$ZodIssueTooSmall): string {
  if (origin === 'string' && minimum === 1) return 'must not be empty'
  return `must be at least ${minimum}${parts[origin] ?? ''}`
}

const most = ({ origin, maximum }: z.core.$ZodIssueTooBig) => `must be at most ${maximum}${parts[origin] ?? ''}`

function mustBe(issue: z.core.$ZodIssue, source: string): string | undefined {
  if (issue.path[0] === 'ts' && (issue.code === 'too_small' || issue.code === 'too_big'))
    return 'must be milliseconds since 1970, from the year 2000 to 2100'
  if (issue.code === 'too_small') return least(issue)
  if (issue.code === 'too_big') return most(issue)
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
    must === undefined ? issue.message : source === undefined ? 'is missing' : `is ${quoted(source)}, ${must}`
  return name === '' ? said : `${name}: ${said}`
}

/** characters of a message that are looked through for a word that stands for no number */
const maxLooked = 1_048_576
/** what stands where a value does, and is no text */
const bareValues = /[:[,]\s*([^\s"{}[\],:]+)/g
/** how languages and their libraries print that there is no number */
const noNumber = /^[+-]?(?:nan(?:\(\w*\))?|inf(?:inity)?|1\.#\w+|none|undefined|nil|n\/a|null)$/i

function wordForNothing(text: string): string | undefined {
  for (const [, word = ''] of withoutStrings(text.slice(0, maxLooked)).matchAll(bareValues))
    if (word !== 'null' && noNumber.test(word)) return word
  return undefined
}

/** Why a text is no JSON. */
export function jsonFaultWords(error: unknown, text: string): string {
  if (text.trim() === '') return 'is empty'
  // what is no UTF-8 has become replacement characters
  if (text.startsWith('\u001f\ufffd')) return 'is compressed with gzip, must be plain JSON'
  if (text.startsWith('\ufffd\ufffd')) return 'is UTF-16, must be UTF-8'
  const word = wordForNothing(text)
  if (word) return `${quoted(word)} is no JSON: leave the value out, or send null`
  return plainText(messageOf(error))
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

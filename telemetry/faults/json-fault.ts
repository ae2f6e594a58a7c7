import { withoutStrings } from '../json-source.ts'
import { messageOf, quotableText, quoted } from './quotable-text.ts'

/** What is wrong with a text that is no JSON. */
export const jsonProblems = [
  'CUT_OFF',
  /** a character that may not stand there */
  'CHARACTER',
  /** something that may not stand there */
  'PART',
  'TEXT_BEHIND',
  'NAME_OR_BRACE',
  'QUOTED_NAME',
  'COLON',
  'COMMA_OR_BRACE',
  'COMMA_OR_BRACKET',
  'OPEN_STRING',
  'CONTROL_CHARACTER',
  'ESCAPE',
  'UNICODE_ESCAPE',
  'NUMBER_BEHIND_MINUS',
  'EXPONENT',
  'FRACTION',
] as const
export type JsonProblem = (typeof jsonProblems)[number]

/** What the JSON parser of Node.js says: it has no codes. Words of another release are kept as they are. */
const saidByParser: readonly [said: RegExp, problem: JsonProblem][] = [
  [/^Unexpected end of JSON input$/, 'CUT_OFF'],
  [/^Unexpected token (?<character>.+?) in JSON$/, 'CHARACTER'],
  [/^Unexpected token (?<character>.+?), (?<within>.+) is not valid JSON$/, 'CHARACTER'],
  [/^Unexpected (?:number|string) in JSON$/, 'PART'],
  [/^Unexpected non-whitespace character after JSON$/, 'TEXT_BEHIND'],
  [/^Expected property name or '}' in JSON$/, 'NAME_OR_BRACE'],
  [/^Expected double-quoted property name in JSON$/, 'QUOTED_NAME'],
  [/^Expected ':' after property name in JSON$/, 'COLON'],
  [/^Expected ',' or '}' after property value in JSON$/, 'COMMA_OR_BRACE'],
  [/^Expected ',' or ']' after array element in JSON$/, 'COMMA_OR_BRACKET'],
  [/^Unterminated string in JSON$/, 'OPEN_STRING'],
  [/^Bad control character in string literal in JSON$/, 'CONTROL_CHARACTER'],
  [/^Bad escaped character in JSON$/, 'ESCAPE'],
  [/^Bad Unicode escape in JSON$/, 'UNICODE_ESCAPE'],
  [/^No number after minus sign in JSON$/, 'NUMBER_BEHIND_MINUS'],
  [/^Exponent part is missing a number in JSON$/, 'EXPONENT'],
  [/^Unterminated fractional number in JSON$/, 'FRACTION'],
]

/** A fault of the JSON parser. */
export interface NotJson {
  /** undefined when these words of the parser are not known */
  problem?: JsonProblem
  /** the character in the way, as the parser quotes it */
  character?: string
  /** the text around it */
  within?: string
  /** its place in the message, from 0 on */
  at?: number
  /** what the parser says */
  said: string
}

function parserFault(error: unknown): NotJson {
  const said = quotableText(messageOf(error))
  const [, fault = '', position] = /^(.*?)(?: at position (\d+).*)?$/s.exec(said) ?? []
  for (const [words, problem] of saidByParser) {
    const found = words.exec(fault)
    if (found) return { problem, ...found.groups, ...(position !== undefined && { at: Number(position) }), said }
  }
  return { said }
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

/** Why a text is no JSON, given what the parser threw. */
export function jsonFault(error: unknown, text: string) {
  if (text.trim() === '') return { code: 'EMPTY_MESSAGE', params: {} } as const
  // what is no UTF-8 has become replacement characters
  if (text.startsWith('\u001f\ufffd')) return { code: 'COMPRESSED', params: {} } as const
  if (text.startsWith('\ufffd\ufffd')) return { code: 'UTF_16', params: {} } as const
  const word = wordForNothing(text)
  if (word) return { code: 'WORD_FOR_NO_NUMBER', params: { word: quoted(word) } } as const
  return { code: 'NOT_JSON', params: parserFault(error) } as const
}

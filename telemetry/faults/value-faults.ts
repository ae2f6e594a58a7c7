import { z } from 'zod'
import { personNamePattern } from '../accounts.ts'
import { idPattern } from '../reading-parts.ts'
import { timeZonePattern } from '../time-zone.ts'
import type { FaultOf } from './fault-table.ts'
import { quotableText, quoted } from './quotable-text.ts'

/** the value as it was sent, bounded; absent where it is not repeated, as in answers to requests */
const found = z.string().optional()
const foundOnly = z.object({ found })
const nothing = z.object({})

/** What can be wrong with one value of a message, a request or a rule. */
export const valueFaults = {
  MISSING: nothing,
  MUST_NOT_BE_EMPTY: foundOnly,
  /** characters */
  TOO_SHORT: z.object({ found, least: z.number() }),
  TOO_LONG: z.object({ found, most: z.number() }),
  /** items of a list */
  TOO_FEW: z.object({ found, least: z.number() }),
  TOO_MANY: z.object({ found, most: z.number() }),
  /** a number, in the unit of the value */
  TOO_SMALL: z.object({ found, least: z.number() }),
  TOO_LARGE: z.object({ found, most: z.number() }),
  NOT_FINITE: foundOnly,
  /** no time in milliseconds since 1970 from the year 2000 to 2100 */
  NOT_A_TIME: foundOnly,
  /** `expected` is a type of JSON: number, int, string, object, array… */
  WRONG_TYPE: z.object({ found, expected: z.string() }),
  NOT_ONE_OF: z.object({ found, choices: z.array(z.string()) }),
  HIDDEN_CHARACTERS: nothing,
  NOT_AN_ID: nothing,
  /** a regular expression that the text does not match */
  NOT_OF_FORM: z.object({ found, form: z.string() }),
  /** there are several forms, such as name and password or a token, and this is none of them */
  FITS_NO_FORM: nothing,
  /** what has no code of its own, in the words of the schema */
  INVALID: z.object({ said: z.string() }),
} as const
export type ValueFault = FaultOf<typeof valueFaults>

/** The value that an issue is about. */
export interface GivenValue {
  /** whether there is one */
  isThere: boolean
  /** its text as it was sent, where that may be repeated */
  source?: string | undefined
}

type Head = Pick<ValueFault, 'path'>

function sizeFault(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, head: Head, found?: string): ValueFault {
  if (issue.path[0] === 'ts') return { ...head, code: 'NOT_A_TIME', params: { found } }
  const { origin } = issue
  if (issue.code === 'too_small') {
    const params = { found, least: Number(issue.minimum) }
    if (origin === 'array') return { ...head, code: 'TOO_FEW', params }
    if (origin !== 'string') return { ...head, code: 'TOO_SMALL', params }
    return params.least === 1
      ? { ...head, code: 'MUST_NOT_BE_EMPTY', params: { found } }
      : { ...head, code: 'TOO_SHORT', params }
  }
  const params = { found, most: Number(issue.maximum) }
  if (origin === 'array') return { ...head, code: 'TOO_MANY', params }
  return { ...head, code: origin === 'string' ? 'TOO_LONG' : 'TOO_LARGE', params }
}

/** Whether a text is a number too large for any computer: it is infinite once it is parsed. */
const isInfinite = (source: string) => /^-?\d/.test(source) && !Number.isFinite(Number(source))

/** A fault as a schema of ours gives it in the `params` of a custom issue: `{ fault: { code, params } }`. */
const givenFault = z.object({ fault: z.object({ code: z.string(), params: z.object({}).loose() }) })

/** what a text that has not a certain form is not */
const codeOfPattern: Readonly<Record<string, string>> = {
  [String(idPattern)]: 'NOT_AN_ID',
  [String(personNamePattern)]: 'NOT_A_NAME',
  [String(timeZonePattern)]: 'NOT_A_TIME_ZONE',
}

function ownFault(issue: z.core.$ZodIssue): { code: string; params: object } | undefined {
  if (issue.code === 'custom') return givenFault.safeParse(issue.params).data?.fault
  const code = issue.code === 'invalid_format' && 'pattern' in issue ? codeOfPattern[String(issue.pattern)] : undefined
  return code === undefined ? undefined : { code, params: {} }
}

/** What a value may be of which each form is one word or number: the options of a discriminator, or literals. */
function choicesOf({ errors, ...issue }: z.core.$ZodIssueInvalidUnion): readonly z.core.util.Primitive[] | undefined {
  if ('options' in issue && issue.options !== undefined) return issue.options
  const choices = errors.flatMap(([first, ...others]) =>
    first?.code === 'invalid_value' && first.path.length === 0 && others.length === 0 ? [first.values] : [],
  )
  return choices.length > 0 && choices.length === errors.length ? choices.flat() : undefined
}

function unionFault(issue: z.core.$ZodIssueInvalidUnion, head: Head, found?: string): ValueFault {
  const choices = choicesOf(issue)
  return choices
    ? { ...head, code: 'NOT_ONE_OF', params: { found, choices: choices.map(String) } }
    : { ...head, code: 'FITS_NO_FORM', params: {} }
}

/**
 * The fault that a complaint of Zod stands for: which value, what it holds and what it may hold. `schema` is of the family that the
 * custom issues of the schema may give.
 */
export function faultOfIssue<Fault>(
  issue: z.core.$ZodIssue,
  { isThere, source }: GivenValue,
  path: string,
  schema: z.ZodType<Fault>,
): Fault | ValueFault {
  const head: Head = path === '' ? {} : { path }
  const own = ownFault(issue)
  const told = own && schema.safeParse({ ...head, ...own }).data
  if (told !== undefined) return told
  const found = source === undefined ? undefined : quoted(source)
  const isKnown = ['too_small', 'too_big', 'invalid_type', 'invalid_value', 'invalid_union'].includes(issue.code)
  if (isKnown && !isThere) return { ...head, code: 'MISSING', params: {} }
  switch (issue.code) {
    case 'too_small':
    case 'too_big':
      return sizeFault(issue, head, found)
    case 'invalid_type':
      return isInfinite(source ?? '')
        ? { ...head, code: 'NOT_FINITE', params: { found } }
        : { ...head, code: 'WRONG_TYPE', params: { found, expected: issue.expected } }
    case 'invalid_value':
      return { ...head, code: 'NOT_ONE_OF', params: { found, choices: issue.values.map(String) } }
    case 'invalid_union':
      return unionFault(issue, head, found)
    case 'invalid_format':
      if (issue.format === 'regex' && issue.pattern !== undefined)
        return { ...head, code: 'NOT_OF_FORM', params: { found, form: issue.pattern } }
  }
  return { ...head, code: 'INVALID', params: { said: quotableText(issue.message) } }
}

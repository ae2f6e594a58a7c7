import type { FaultWords } from './fault-table.ts'
import type { valueFaults } from './value-faults.ts'

const types: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  object: 'a JSON object',
  array: 'an array',
  tuple: 'an array',
}

/** What was sent, in front of what it must be. */
const is = (found: string | undefined) => (found === undefined ? '' : `is ${found}, `)

/** What is wrong with a value, in English. */
export const valueWordsEn: FaultWords<typeof valueFaults> = {
  MISSING: () => 'is missing',
  MUST_NOT_BE_EMPTY: ({ found }) => `${is(found)}must not be empty`,
  TOO_SHORT: ({ found, least }) => `${is(found)}must be at least ${least} characters`,
  TOO_LONG: ({ found, most }) => `${is(found)}must be at most ${most} characters`,
  TOO_FEW: ({ found, least }) => `${is(found)}must be at least ${least} items`,
  TOO_MANY: ({ found, most }) => `${is(found)}must be at most ${most} items`,
  TOO_SMALL: ({ found, least }) => `${is(found)}must be at least ${least}`,
  TOO_LARGE: ({ found, most }) => `${is(found)}must be at most ${most}`,
  NOT_FINITE: ({ found }) => `${is(found)}must be a finite number`,
  NOT_A_TIME: ({ found }) => `${is(found)}must be milliseconds since 1970, from the year 2000 to 2100`,
  WRONG_TYPE: ({ found, expected }) => `${is(found)}must be ${types[expected] ?? expected}`,
  NOT_ONE_OF: ({ found, choices }) => `${is(found)}must be one of ${choices.join(', ')}`,
  HIDDEN_CHARACTERS: () => 'may hold no control characters and no marks that turn text around, show nothing or pile up',
  NOT_AN_ID: () => 'must be 1 to 64 lower-case letters, digits or inner hyphens',
  NOT_OF_FORM: ({ found, form }) => `${is(found)}must have the form ${form}`,
  FITS_NO_FORM: () => 'fits none of the forms that are taken here',
  INVALID: ({ said }) => said,
}

import { withComma } from './decimal-comma.ts'
import type { FaultWords } from './fault-table.ts'
import type { valueFaults } from './value-faults.ts'

const types: Readonly<Record<string, string>> = {
  number: 'số',
  int: 'số nguyên',
  string: 'chữ',
  object: 'một đối tượng JSON',
  array: 'mảng',
  tuple: 'mảng',
}

/** What was sent, in front of what it must be. */
const is = (found: string | undefined) => (found === undefined ? '' : `là ${withComma(found)}, `)

/** What is wrong with a value, in Vietnamese. */
export const valueWordsVi: FaultWords<typeof valueFaults> = {
  MISSING: () => 'thiếu',
  MUST_NOT_BE_EMPTY: ({ found }) => `${is(found)}không được để trống`,
  TOO_SHORT: ({ found, least }) => `${is(found)}phải có ít nhất ${least} ký tự`,
  TOO_LONG: ({ found, most }) => `${is(found)}không được quá ${most} ký tự`,
  TOO_FEW: ({ found, least }) => `${is(found)}phải có ít nhất ${least} phần tử`,
  TOO_MANY: ({ found, most }) => `${is(found)}không được quá ${most} phần tử`,
  TOO_SMALL: ({ found, least }) => `${is(found)}phải từ ${withComma(least)} trở lên`,
  TOO_LARGE: ({ found, most }) => `${is(found)}không được quá ${withComma(most)}`,
  NOT_FINITE: ({ found }) => `${is(found)}phải là số hữu hạn`,
  NOT_A_TIME: ({ found }) => `${is(found)}phải là mili giây kể từ năm 1970, trong khoảng năm 2000 đến 2100`,
  WRONG_TYPE: ({ found, expected }) => `${is(found)}phải là ${types[expected] ?? expected}`,
  NOT_ONE_OF: ({ found, choices }) => `${is(found)}phải là một trong: ${choices.join(', ')}`,
  HIDDEN_CHARACTERS: () => 'không được có ký tự điều khiển, ký tự không nhìn thấy, đảo chiều chữ hay chồng dấu',
  NOT_AN_ID: () => 'phải gồm 1 đến 64 chữ thường, chữ số hoặc gạch nối ở giữa',
  NOT_OF_FORM: ({ found, form }) => `${is(found)}phải có dạng ${form}`,
  FITS_NO_FORM: () => 'không khớp dạng nào được nhận ở đây',
  INVALID: ({ said }) => said,
}

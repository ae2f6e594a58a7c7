/** What the JSON parser of Node.js says of a text, and the same in Vietnamese. */
const faults: readonly [said: RegExp, vi: string][] = [
  [/^Unexpected end of JSON input$/, 'bản tin bị cắt giữa chừng'],
  [/^Unexpected token (.+?) in JSON$/, 'ký tự $1 không đúng chỗ'],
  [/^Unexpected token (.+?), (.+) is not valid JSON$/, 'ký tự $1 không đúng chỗ trong $2'],
  [/^Unexpected (?:number|string) in JSON$/, 'có phần không đúng chỗ'],
  [/^Unexpected non-whitespace character after JSON$/, 'còn ký tự thừa sau phần JSON'],
  [/^Expected property name or '}' in JSON$/, "thiếu tên trong dấu nháy kép, hoặc '}'"],
  [/^Expected double-quoted property name in JSON$/, 'thiếu tên trong dấu nháy kép'],
  [/^Expected ':' after property name in JSON$/, "thiếu ':' sau tên"],
  [/^Expected ',' or '}' after property value in JSON$/, "thiếu ',' hoặc '}' sau giá trị"],
  [/^Expected ',' or ']' after array element in JSON$/, "thiếu ',' hoặc ']' sau phần tử của mảng"],
  [/^Unterminated string in JSON$/, 'chữ thiếu dấu nháy kép đóng'],
  [/^Bad control character in string literal in JSON$/, 'có ký tự điều khiển trong chữ'],
  [/^Bad escaped character in JSON$/, "sai ký tự sau dấu '\\'"],
  [/^Bad Unicode escape in JSON$/, "sai mã sau '\\u'"],
  [/^No number after minus sign in JSON$/, 'thiếu số sau dấu trừ'],
  [/^Exponent part is missing a number in JSON$/, 'thiếu số mũ'],
  [/^Unterminated fractional number in JSON$/, 'thiếu số sau dấu chấm'],
]

/** A fault of the JSON parser in Vietnamese, with its place; undefined when these words are not known. */
export function jsonFaultInVietnamese(said: string): string | undefined {
  const [, fault = '', position] = /^(.*?)(?: at position (\d+).*)?$/s.exec(said) ?? []
  for (const [words, vi] of faults)
    if (words.test(fault)) return fault.replace(words, vi) + (position ? ` (ký tự thứ ${Number(position) + 1})` : '')
  return undefined
}

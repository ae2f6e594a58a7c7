import { describe, expect, it } from 'vitest'
import { csvOf } from '../../dashboard/src/ui/csv.ts'

describe('a table as CSV', () => {
  it('begins with the mark of UTF-8, ends each line as RFC 4180 does, and leaves empty what is not there', () => {
    expect(
      csvOf([
        ['Mã', 'Giá trị'],
        ['a1', 12.5],
        ['a2', undefined],
      ]),
    ).toBe('\ufeffMã,Giá trị\r\na1,12.5\r\na2,\r\n')
  })

  it('quotes what would be taken apart', () => {
    expect(csvOf([['a,b', 'say "so"', 'two\nlines']])).toBe('\ufeff"a,b","say ""so""","two\nlines"\r\n')
  })

  it.each(['=1+1', '+84', '-1', '@SUM(A1)'])('gives a spreadsheet no formula: %s', (text) => {
    expect(csvOf([[text]])).toBe(`\ufeff ${text}\r\n`)
    expect(csvOf([[-1]])).toBe('\ufeff-1\r\n')
  })
})

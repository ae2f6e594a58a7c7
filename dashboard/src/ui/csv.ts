/** A cell of a table as a spreadsheet takes it; nothing is an empty one. */
type Cell = string | number | undefined

/** A text that begins like a formula would be one: a blank before it keeps it a text. */
const formula = /^[=+\-@\t\r]/

function cellText(cell: Cell): string {
  if (cell === undefined) return ''
  if (typeof cell === 'number') return String(cell)
  const text = formula.test(cell) ? ` ${cell}` : cell
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The export of a table as CSV (RFC 4180) in UTF-8, with the mark that spreadsheets know it by. */
export function csvOf(rows: readonly (readonly Cell[])[]): string {
  return `\ufeff${rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('')}`
}

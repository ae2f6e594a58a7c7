import type { Format } from './format.ts'

/** epoch ms of 2001: no other number of the trail is as large */
const leastTime = 1_000_000_000_000

function wordsOf(value: unknown, format: Pick<Format, 'dateTime'>): string {
  if (typeof value === 'number' && value >= leastTime) return format.dateTime(value)
  if (Array.isArray(value)) return value.map((each) => wordsOf(each, format)).join(', ')
  if (typeof value !== 'object' || value === null) return String(value)
  const inner = detailWords(value, format)
  return inner === '' ? '' : `(${inner})`
}

/** What else an entry of the audit trail keeps, in one line: names as they are kept, times as the page writes them, without what is empty. */
export function detailWords(detail: object, format: Pick<Format, 'dateTime'>): string {
  return Object.entries(detail)
    .map(([name, value]) => [name, wordsOf(value, format)])
    .filter(([, words]) => words !== '')
    .map(([name, words]) => `${name}: ${words}`)
    .join('; ')
}

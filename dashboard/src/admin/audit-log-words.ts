import type { Format } from '../i18n/format.ts'
import type { AdminMessages } from './vi.ts'

/** epoch ms of 2001: no other number of the trail is as large */
const leastTime = 1_000_000_000_000

/** what people typed: it stays as it is */
const typed: ReadonlySet<string> = new Set(['comment', 'name'])

/** In what language, and how times are written. */
interface Tongue {
  texts: Pick<AdminMessages, 'auditLog' | 'roles' | 'rights'>
  format: Pick<Format, 'dateTime'>
}

function wordsOf(value: unknown, tongue: Tongue): string {
  const { texts, format } = tongue
  if (typeof value === 'number') return value >= leastTime ? format.dateTime(value) : String(value)
  if (Array.isArray(value)) return value.map((each) => wordsOf(each, tongue)).join(', ')
  if (typeof value === 'object' && value !== null) {
    const inner = detailWords(value, tongue)
    return inner === '' ? '' : `(${inner})`
  }
  const words: Readonly<Record<string, string>> = { ...texts.auditLog.words, ...texts.roles, ...texts.rights }
  return words[String(value)] ?? String(value)
}

/** What an entry of the audit trail is about: an id or a name as it is, so many lamps in the words of the page. */
export function targetWords(target: string, { auditLog }: Pick<AdminMessages, 'auditLog'>): string {
  const [, lamps] = /^(\d+) lamps$/.exec(target) ?? []
  return lamps === undefined ? target : auditLog.lamps(lamps)
}

/** What else an entry of the audit trail keeps, in one line: names, words and times as the page writes them, without what is empty. */
export function detailWords(detail: object, tongue: Tongue): string {
  const { names }: { names: Readonly<Record<string, string>> } = tongue.texts.auditLog
  return Object.entries(detail)
    .map(([name, value]) => [
      names[name] ?? name,
      typed.has(name) && typeof value === 'string' ? value : wordsOf(value, tongue),
    ])
    .filter(([, words]) => words !== '')
    .map(([name, words]) => `${name}: ${words}`)
    .join('; ')
}

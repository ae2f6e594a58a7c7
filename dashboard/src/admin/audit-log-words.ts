import { auditedLamps } from '#telemetry/audit-actions.ts'
import type { AuditEntry } from '#telemetry/audit-log.ts'
import type { Format } from '../i18n/format.ts'
import type { AdminMessages } from './vi.ts'

/** In what language, and how times are written. */
interface Tongue {
  texts: Pick<AdminMessages, 'auditLog' | 'roles' | 'rights'>
  format: Pick<Format, 'dateTime' | 'number'>
}

type Table = Readonly<Record<string, string>>

/** The words of the values of a field that holds codes; undefined for one that holds anything else. */
function tableOf(name: string, { auditLog, roles, rights }: Tongue['texts']): Table | undefined {
  const tables: Readonly<Record<string, Table>> = {
    ...{ role: roles, rights, way: auditLog.ways, action: auditLog.orders, disabled: auditLog.answers },
  }
  return tables[name]
}

function wordsOf(name: string, value: unknown, tongue: Tongue): string {
  if (name === 'until' && typeof value === 'number') return tongue.format.dateTime(value)
  // a whole number may be a code; digits behind the point are as many as it has
  if (typeof value === 'number' && !Number.isInteger(value))
    return tongue.format.number(value, String(value).split('.')[1]?.length ?? 0)
  if (Array.isArray(value)) return value.map((each) => wordsOf(name, each, tongue)).join(', ')
  if (typeof value === 'object' && value !== null) {
    const inner = detailWords(value, tongue)
    return inner === '' ? '' : `(${inner})`
  }
  const text = String(value)
  return tableOf(name, tongue.texts)?.[text] ?? text
}

/** What an entry of the audit log is about: an id or a name as it is, so many lamps in the words of the page. */
export function targetWords(
  { what, target, detail }: Pick<AuditEntry, 'what' | 'target' | 'detail'>,
  { auditLog }: Pick<AdminMessages, 'auditLog'>,
): string {
  const lamps = auditedLamps(what, detail)
  return lamps === undefined || lamps === 1 ? target : auditLog.lamps(String(lamps))
}

/** What else an entry of the audit log keeps, in one line: fields, codes and times as the page writes them, without what is empty. */
export function detailWords(detail: object, tongue: Tongue): string {
  const { names }: { names: Table } = tongue.texts.auditLog
  return Object.entries(detail)
    .map(([name, value]) => [names[name] ?? name, wordsOf(name, value, tongue)])
    .filter(([, words]) => words !== '')
    .map(([name, words]) => `${name}: ${words}`)
    .join('; ')
}

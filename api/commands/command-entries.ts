import type { AuditedAction } from '#telemetry/audit-actions.ts'
import { type CommandRecord, type Delivery, isOver } from '#telemetry/command.ts'

/** characters of a lamp's reason that the audit log keeps: with the longest ids the event stays under 64 kB */
const maxAuditReason = 40

type Entry<Action> = Extract<AuditedAction, { what: Action }> & { target: string }

/** One lamp by its id, several by their number. */
const targetOf = (lamps: readonly string[]) => (lamps.length === 1 ? (lamps[0] ?? '') : `${lamps.length} lamps`)

/** The entry of the audit log about a command. */
export function commandEntry({ id, order, comment }: CommandRecord, lamps: string[]): Entry<'lamps.command'> {
  const detail = { command: id, order, ...(comment ? { comment } : {}), lamps }
  return { what: 'lamps.command', target: targetOf(lamps), detail }
}

/** The entry of the audit log once every lamp has answered or been given up. */
export function outcomeEntry(record: CommandRecord): Entry<'lamps.command.outcome'> {
  const all = Object.entries(record.lamps).filter(([, delivery]) => isOver(delivery))
  const named = (state: Delivery['state']) => all.flatMap(([id, delivery]) => (delivery.state === state ? [id] : []))
  const refused = all.flatMap(([id, delivery]) =>
    delivery.state === 'refused' ? [[id, delivery.reason.slice(0, maxAuditReason)]] : [],
  )
  const detail = {
    command: record.id,
    acknowledged: named('acknowledged').length,
    timedOut: named('timed-out'),
    unsent: named('unsent'),
    refused: Object.fromEntries(refused),
  }
  return { what: 'lamps.command.outcome', target: targetOf(all.map(([id]) => id)), detail }
}

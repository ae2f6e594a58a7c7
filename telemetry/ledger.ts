import { type Kind, kindSchema } from './kinds.ts'

/** What a sensor's ledger remembers: that a reading was sent, or that its PUBACK came. */
export interface LedgerEntry {
  event: 'sent' | 'acked'
  kind: Kind
  sensor: string
  /** time of measuring, epoch ms */
  ts: number
  /** when it was sent or acknowledged, epoch ms */
  at: number
}

/** One line of a ledger, without its end: event, kind, sensor, ts and at, with tabs in between. */
export function ledgerLine({ event, kind, sensor, ts, at }: LedgerEntry): string {
  return `${event}\t${kind}\t${sensor}\t${ts}\t${at}`
}

/** Reads a line; undefined when it is none, such as a last one that a crash cut short. */
export function parseLedgerLine(line: string): LedgerEntry | undefined {
  const [event, kind, sensor = '', ts, at, ...more] = line.split('\t')
  const known = kindSchema.safeParse(kind)
  if ((event !== 'sent' && event !== 'acked') || !known.success || more.length > 0) return undefined
  // 13 digits: a number that was cut short must not pass for another
  if (!/^\d{12,13}$/.test(ts ?? '') || !/^\d{13}$/.test(at ?? '')) return undefined
  return { event, kind: known.data, sensor, ts: Number(ts), at: Number(at) }
}

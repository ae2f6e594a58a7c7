import { paginateEvents } from '#storage/event-pagination.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { auditActions } from '#telemetry/audit-actions.ts'
import { auditEntrySchema } from '#telemetry/audit-log.ts'
import type { CommandRecord } from '#telemetry/command.ts'
import { minuteMs } from '#telemetry/durations.ts'

/** most acknowledgements that are held at once; of further ones nothing is done */
export const maxUnmatched = 5_000
/** ms after which an acknowledgement is looked up: who sent the command stores the order at once */
const graceMs = 3_000
/** ms between two looks at the audit log */
const lookEveryMs = 5_000
/** ms after which an acknowledgement whose command is not found is dropped */
const heldMs = minuteMs
/** ms before an acknowledgement in which its command is looked for */
const lookBackMs = 10 * minuteMs

/** Of a command, what its lamps do once they have acknowledged it. */
export type SentOrder = Pick<CommandRecord, 'id' | 'order' | 'by' | 'comment'>

/** A lamp has acknowledged a command of another process of the api. */
export interface UnmatchedAcknowledgement {
  sensor: string
  /** id of the command */
  command: string
  /** when it was heard, epoch ms */
  at: number
}

/**
 * Acknowledgements of commands that this process did not send, or no longer knows. Who sent one may have been killed before its lamp
 * answered: the command is then found in the audit log, which has it before the first lamp does.
 */
export class UnmatchedAcknowledgements {
  /** by id of the lamp: of two the later one counts */
  readonly #held = new Map<string, UnmatchedAcknowledgement>()
  #lookedAt = Number.NEGATIVE_INFINITY

  get size(): number {
    return this.#held.size
  }

  add(acknowledgement: UnmatchedAcknowledgement): void {
    if (this.#held.size >= maxUnmatched && !this.#held.has(acknowledgement.sensor)) return
    this.#held.set(acknowledgement.sensor, acknowledgement)
  }

  /**
   * Takes those whose command is found. `isKnown` says that somebody has stored the order of one, or a later one, already.
   * Rejects with StoreUnavailableError.
   */
  async match(
    store: Pick<TelemetryStore, 'readEvents'>,
    now: number,
    isKnown: (acknowledgement: UnmatchedAcknowledgement) => boolean,
  ): Promise<(UnmatchedAcknowledgement & { sent: SentOrder })[]> {
    const due = [...this.#held.values()].filter(({ at }) => at <= now - graceMs)
    for (const one of due) if (isKnown(one)) this.#remove(one)
    const left = due.filter((one) => this.#held.get(one.sensor) === one)
    if (left.length === 0 || now - this.#lookedAt < lookEveryMs) return []
    this.#lookedAt = now
    const sent = await readSentOrders(store, Math.min(...left.map(({ at }) => at)) - lookBackMs, left)
    return left.flatMap((one) => {
      const found = sent.get(one.command)
      if (found || one.at <= now - heldMs) this.#remove(one)
      // a lamp says nothing of what others were ordered
      return found?.lamps.includes(one.sensor) ? [{ ...one, sent: found.sent }] : []
    })
  }

  #remove(one: UnmatchedAcknowledgement): void {
    if (this.#held.get(one.sensor) === one) this.#held.delete(one.sensor)
  }
}

/** Commands that were sent since a time (epoch ms), by id: those that are asked for, as the audit log has them. */
async function readSentOrders(
  store: Pick<TelemetryStore, 'readEvents'>,
  from: number,
  asked: readonly Pick<UnmatchedAcknowledgement, 'command'>[],
): Promise<Map<string, { sent: SentOrder; lamps: readonly string[] }>> {
  const ids = new Set(asked.map(({ command }) => command))
  const found = new Map<string, { sent: SentOrder; lamps: readonly string[] }>()
  for await (const page of paginateEvents(store, { stream: 'audit', from })) {
    for (const { body } of page) {
      const entry = auditEntrySchema.safeParse(body).data
      if (entry?.what !== 'lamps.command') continue
      const detail = auditActions['lamps.command'].safeParse(entry.detail).data
      if (!detail || !ids.has(detail.command)) continue
      const { command: id, order, comment, lamps } = detail
      found.set(id, { sent: { id, order, by: entry.who, ...(comment ? { comment } : {}) }, lamps })
    }
    if (found.size === ids.size) break
  }
  return found
}

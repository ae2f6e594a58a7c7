import type { Alert, AlertEvent } from '#telemetry/alert.ts'

/** ms between two announcements at least: who listens must be able to follow */
export const announceEveryMs = 5_000

/** alerts that one announcement names; the others are counted */
export const namedAtOnce = 3

/** Collects new critical alerts and gives them out for reading aloud by a screen reader, now and then. */
export class Announcer {
  #waiting = new Map<string, Alert>()
  #saidAt = Number.NEGATIVE_INFINITY

  /** Adds what happened; only a critical alert that comes, or comes again, is worth a word. */
  add(events: readonly AlertEvent[]): void {
    for (const { type, alert } of events) {
      const comes = type === 'raised' || type === 'again'
      if (comes && alert.priority === 1 && !alert.shelved) this.#waiting.set(alert.id, alert)
      // acknowledged, shelved or over before it was said
      else if (!comes) this.#waiting.delete(alert.id)
    }
  }

  /** What is to be said at `now` (ms of any steady clock): nothing when nothing is new or the last word was just said. */
  due(now: number): { named: Alert[]; more: number } | undefined {
    if (this.#waiting.size === 0 || now - this.#saidAt < announceEveryMs) return undefined
    const all = [...this.#waiting.values()]
    this.#waiting = new Map()
    this.#saidAt = now
    return { named: all.slice(0, namedAtOnce), more: Math.max(0, all.length - namedAtOnce) }
  }
}

import type { Journal } from '#journal/journal.ts'
import type { BrokerMetrics } from './metrics.ts'

/** Puts one reading message on disk; the caller acknowledges when it resolves. */
export type JournalGate = (topic: string, payload: Uint8Array) => Promise<void>

const firstDelayMs = 50
const maxDelayMs = 1_000

/**
 * Holds a message until the journal has it. While the journal is full or away the message waits here and its PUBACK
 * with it, so the sensor keeps its reading; rejects only once `signal` is aborted.
 */
export function journalGate(
  journal: Journal,
  metrics: BrokerMetrics,
  signal: AbortSignal,
  warn: (e: unknown) => void,
): JournalGate {
  return async (topic, payload) => {
    const arrivedAt = Date.now()
    const end = metrics.journalWait.startTimer()
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
      try {
        await journal.append([{ topic, payload, arrivedAt }])
        break
      } catch (error) {
        if (signal.aborted) throw error
        metrics.refused.inc({ what: 'journal' })
        warn(error)
        await new Promise((resolve) => setTimeout(resolve, delayMs * (0.5 + Math.random() / 2)))
      }
    }
    end()
    metrics.readings.inc()
  }
}

import type { Journal, JournalRecord } from '#journal/journal.ts'
import { PlatformError } from '#telemetry/errors.ts'
import type { BrokerMetrics } from './metrics.ts'

/** Puts one reading message on disk; the caller acknowledges when it resolves. */
export type JournalGate = (topic: string, payload: Uint8Array) => Promise<void>

const firstDelayMs = 50
const maxDelayMs = 1_000

/**
 * Holds a message until the journal has it. While the journal is full or away the message waits here and its PUBACK
 * with it, so the sensor keeps its reading; rejects once `signal` is aborted, or with a fault that trying again does not mend.
 */
export function journalGate(
  journal: Journal,
  metrics: BrokerMetrics,
  signal: AbortSignal,
  warn: (e: unknown) => void,
): JournalGate {
  const pause = (delayMs: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, delayMs * (0.5 + Math.random() / 2)))
  const untilKept = async (record: JournalRecord, fault: unknown): Promise<void> => {
    for (let error = fault, delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
      if (signal.aborted || !(error instanceof PlatformError && error.retryable)) throw error
      metrics.refused.inc({ what: 'journal' })
      warn(error)
      await pause(delayMs)
      try {
        return await journal.append([record])
      } catch (again) {
        error = again
      }
    }
  }
  return (topic, payload) => {
    const record = { topic, payload, arrivedAt: Date.now() }
    const began = performance.now()
    const kept = () => {
      metrics.journalWait.observe((performance.now() - began) / 1_000)
      metrics.readings.inc()
    }
    const first = journal.append([record])
    return first.then(kept, (error) => untilKept(record, error).then(kept))
  }
}

import type { Logger } from 'pino'
import type { ApiMetrics } from '../metrics.ts'
import type { AlertsClient } from './alerts-client.ts'

/** alerts whose report waits, at most; what is beyond is left out, and reported again by its page */
const maxWaiting = 1_000
/** ms that reports are gathered for one request */
const gatherMs = 500

interface ReportParts {
  alerts: Pick<AlertsClient, 'ask' | 'get'>
  metrics: ApiMetrics
  log: Logger
}

/**
 * Tells alerts which alerts were on people's screens. However many pages report an alert, it is told once: what is seen already, or
 * waits, is left out. A report that alerts did not take is dropped; a page reports again what nobody has seen.
 */
export class SeenReports {
  readonly #parts: ReportParts
  /** alert → who saw it first */
  #waiting = new Map<string, string>()
  /** what alerts is being told */
  #sent: ReadonlyMap<string, string> = new Map()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(parts: ReportParts) {
    this.#parts = parts
    parts.metrics.seenWaitingLimit.set(maxWaiting)
  }

  /** Somebody had alerts on their screen. */
  report(ids: readonly string[], by: string): void {
    for (const id of ids) {
      const alert = this.#parts.alerts.get(id)
      if (!alert || alert.seen || this.#waiting.has(id) || this.#sent.has(id)) continue
      if (this.#waiting.size >= maxWaiting) break
      this.#waiting.set(id, by)
    }
    this.#parts.metrics.seenWaiting.set(this.#waiting.size)
    this.#gather()
  }

  /** Drops what waits. Idempotent. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  #gather(): void {
    if (this.#isClosed || this.#timer || this.#waiting.size === 0 || this.#sent.size > 0) return
    this.#timer = setTimeout(() => void this.#send(), gatherMs)
  }

  async #send(): Promise<void> {
    this.#timer = undefined
    this.#sent = this.#waiting
    this.#waiting = new Map()
    this.#parts.metrics.seenWaiting.set(0)
    const seen = [...this.#sent].map(([id, by]) => ({ id, by }))
    await this.#parts.alerts
      .ask({ type: 'mark-seen', seen })
      .catch((error) =>
        this.#parts.log.debug({ err: error }, 'alerts was not told what people saw: they report it again'),
      )
    this.#sent = new Map()
    this.#gather()
  }
}

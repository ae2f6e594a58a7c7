import { type Alert, type AlertEvent, mergeAlerts } from '#telemetry/alert.ts'
import type { AlertBatch, CurrentAlerts } from '#telemetry/alert-requests.ts'

/** batches held while a snapshot is on its way; when there are more, it is asked for again */
const maxHeld = 1_000

/** What an event of alerts does to the list that the api holds. */
export type CacheUpdate = { events: AlertEvent[] } | 'gap'

/** Cache of the open alerts, as the alerts service last sent them: a snapshot, and the batches since, in their order. */
export class OpenAlertsCache {
  #alerts = new Map<string, Alert>()
  #position = { session: '', seq: -1 }
  /** batches that came while a snapshot is on its way */
  #held: AlertBatch[] | undefined

  /** Every open alert. */
  all(): Alert[] {
    return [...this.#alerts.values()]
  }

  get(id: string): Alert | undefined {
    return this.#alerts.get(id)
  }

  /** A snapshot has been asked for. */
  expectSnapshot(): void {
    this.#held = []
  }

  /** Takes a batch. `gap`: one is missing, and a snapshot is needed. */
  applyBatch(batch: AlertBatch): CacheUpdate {
    if (this.#held) {
      this.#held.push(batch)
      return this.#held.length > maxHeld ? 'gap' : { events: [] }
    }
    const { session, seq } = this.#position
    if (batch.session !== session || batch.seq > seq + 1) return 'gap'
    if (batch.seq <= seq) return { events: [] }
    return { events: this.#apply(batch) }
  }

  /** Takes the snapshot and what came since. `gap`: one of those is missing. */
  applySnapshot({ session, seq, alerts }: CurrentAlerts): CacheUpdate {
    this.#alerts = new Map(alerts.map((alert) => [alert.id, alert]))
    this.#position = { session, seq }
    const held = this.#held ?? []
    this.#held = undefined
    for (const batch of held) if (this.applyBatch(batch) === 'gap') return 'gap'
    return { events: [] }
  }

  #apply({ session, seq, events }: AlertBatch): AlertEvent[] {
    this.#position = { session, seq }
    const news: AlertEvent[] = []
    for (const event of events) if (mergeAlerts(this.#alerts, [event.alert]).length > 0) news.push(event)
    return news
  }
}

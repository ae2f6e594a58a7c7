import { type Alert, mergeAlerts } from '#telemetry/alert.ts'
import type { AlertsKept, ReplayResponse } from '#telemetry/replay.ts'
import { ReplayBuffer } from './buffer.ts'

/** An alert as it was from a time on, epoch ms. */
interface AlertChange {
  ts: number
  alert: Alert
}

/** The alerts that were open at the moment that a replay shows. */
export class ReplayedAlerts {
  /** replaced, never changed */
  open = $state.raw<readonly Alert[]>([])
  /** how much is known of them */
  kept = $state<AlertsKept>('none')
  readonly #held = new Map<string, Alert>()
  #buffer = new ReplayBuffer<AlertChange>(0)
  #keptFrom: number | undefined

  /** Begins at another moment (epoch ms): what is shown stays until {@link start}. */
  seek(at: number): void {
    this.#buffer = new ReplayBuffer(at)
    this.#keptFrom = undefined
  }

  /** Takes what was open at the start of an answer. */
  start({ alerts = [], alertsKept }: ReplayResponse): void {
    this.#held.clear()
    mergeAlerts(this.#held, alerts)
    this.kept = alertsKept
    this.#show()
  }

  /** Takes what happened within an answer, for {@link advance}. */
  append({ alertSteps, alertsKeptFrom, to }: ReplayResponse): void {
    this.#buffer.append(
      alertSteps.map(({ at, alert }) => ({ ts: at, alert })),
      to,
    )
    this.#keptFrom ??= alertsKeptFrom
  }

  /** Shows the alerts of a later moment (epoch ms). True when they are others. */
  advance(to: number): boolean {
    if (this.#keptFrom !== undefined && this.#keptFrom < to) this.kept = 'all'
    const changes = [...this.#buffer.readUntil(to)].map(({ alert }) => alert)
    if (mergeAlerts(this.#held, changes).length === 0) return false
    this.#show()
    return true
  }

  #show(): void {
    this.open = [...this.#held.values()]
  }
}

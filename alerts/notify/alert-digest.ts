import type { Alert } from '#telemetry/alert.ts'
import { maxAlertsOfMessage, maxSensorsOfMessage } from './message.ts'

/** Place and cause, and how many alerts there were. */
export interface Group extends Pick<Alert, 'ward' | 'district' | 'cause'> {
  count: number
}

/** places and causes that are counted apart; those of further ones only in all */
const maxGroups = 200

/** The digest of the alerts of one message: all are counted, the most urgent are held. */
export class AlertDigest {
  #alerts: Alert[] = []
  readonly #groups = new Map<string, Group>()
  total = 0
  /** alerts of priority 1 */
  critical = 0

  add(alert: Alert): void {
    this.total += 1
    if (alert.priority === 1) this.critical += 1
    const { ward, district, cause } = alert
    const known = this.#groups.get(alert.group)
    if (known) known.count += 1
    else if (this.#groups.size < maxGroups)
      this.#groups.set(alert.group, { ...(ward !== undefined && { ward }), district, cause, count: 1 })
    this.#alerts.push(alert)
    if (this.#alerts.length > 2 * maxAlertsOfMessage) this.#alerts = this.mostUrgent()
  }

  /** The most urgent alerts, each with its first sensors. */
  mostUrgent(): Alert[] {
    const first = [...this.#alerts].sort((a, b) => a.priority - b.priority).slice(0, maxAlertsOfMessage)
    return first.map((alert) => ({ ...alert, sensors: alert.sensors.slice(0, maxSensorsOfMessage) }))
  }

  /** By place and cause, the largest first. */
  groups(): Group[] {
    return [...this.#groups.values()].sort((a, b) => b.count - a.count)
  }
}

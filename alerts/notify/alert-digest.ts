import type { Alert } from '#telemetry/alert.ts'
import type { AlertedValue } from '#telemetry/alert-group-words.ts'
import { maxAlertsOfMessage, maxSensorsOfMessage } from './message.ts'

/** Place and cause, and how many alerts there were. */
export interface Group extends Pick<Alert, 'ward' | 'district' | 'cause'> {
  count: number
  /** the values they are about, each once; a few of them */
  values: AlertedValue[]
  /** of them those whose reason is a command; absent when there is none */
  commanded?: number
}

/** places and causes that are counted apart; those of further ones only in all */
const maxGroups = 200

/** values that are told apart in one place and cause: of two or more none is named */
const maxValues = 2

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
    const { ward, district, cause, kind, valueName } = alert
    const value = { kind, ...(valueName !== undefined && { valueName }) }
    const known = this.#groups.get(alert.group)
    const commanded = (known?.commanded ?? 0) + (alert.commanded ? 1 : 0)
    if (known) Object.assign(known, { count: known.count + 1 }, commanded > 0 && { commanded })
    else if (this.#groups.size < maxGroups)
      this.#groups.set(alert.group, {
        ...{ ...(ward !== undefined && { ward }), district, cause, count: 1, values: [value] },
        ...(commanded > 0 && { commanded }),
      })
    if (known && known.values.length < maxValues && !known.values.some((other) => isSame(other, value)))
      known.values.push(value)
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

const isSame = (a: AlertedValue, b: AlertedValue) => a.kind === b.kind && a.valueName === b.valueName

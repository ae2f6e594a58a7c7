import { randomUUID } from 'node:crypto'
import type { MqttClient } from 'mqtt'
import type { AlertEvent } from '#telemetry/alert.ts'
import type { AlertBatch, AlertService } from '#telemetry/alert-requests.ts'
import { alertEventTopic, alertStateTopic } from '#telemetry/topics.ts'

/** ms that events are gathered for one message: a flood costs few of them */
const gatherMs = 50
/** characters of events in one message; the broker takes 262,144 bytes of a service, whatever MAX_PACKET_BYTES says */
const maxLength = 40_000

/** Publishes the events of alerts over MQTT. While the broker is away nothing is held: an api asks again for what is open. */
export class EventPublisher {
  readonly #mqtt: MqttClient
  readonly #session: string
  #gathered: AlertEvent[] = []
  #timer: NodeJS.Timeout | undefined
  #seq = 0

  constructor(mqtt: MqttClient, session: string) {
    this.#mqtt = mqtt
    this.#session = session
  }

  /** Session and number of the last batch that was sent. */
  get position(): { session: string; seq: number } {
    return { session: this.#session, seq: this.#seq }
  }

  /** Announces that alerts is up: each api then asks for what is open. */
  announce(): void {
    const state: AlertService = { ...this.position, up: true }
    this.#publish(alertStateTopic, state, true)
  }

  add(events: readonly AlertEvent[]): void {
    this.#gathered.push(...events)
    this.#timer ??= setTimeout(() => this.flush(), gatherMs)
  }

  /** Sends what is gathered. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const events = this.#gathered
    this.#gathered = []
    let batch: AlertEvent[] = []
    let length = 0
    for (const event of events) {
      const size = JSON.stringify(event).length
      if (length + size > maxLength && batch.length > 0) {
        this.#send(batch)
        batch = []
        length = 0
      }
      batch.push(event)
      length += size
    }
    if (batch.length > 0) this.#send(batch)
  }

  #send(events: AlertEvent[]): void {
    this.#seq += 1
    const batch: AlertBatch = { ...this.position, events }
    this.#publish(alertEventTopic, batch, false)
  }

  #publish(topic: string, payload: unknown, retain: boolean): void {
    if (!this.#mqtt.connected) return
    // a fault of the connection is told by its `error` and ends in a new `announce`
    this.#mqtt.publish(topic, JSON.stringify(payload), { qos: 1, retain }, () => {})
  }
}

/** The last will of a session, and what it says when it ends by itself. */
export function goneMessage(session: string): { topic: string; payload: string } {
  const state: AlertService = { session, seq: 0, up: false }
  return { topic: alertStateTopic, payload: JSON.stringify(state) }
}

/** A name for one start of alerts. */
export function newSession(): string {
  return randomUUID()
}

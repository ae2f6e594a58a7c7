import type { MqttClient } from 'mqtt'
import type { LiveReading } from '#telemetry/live.ts'
import { liveTopic } from '#telemetry/topics.ts'

/** ms between two batches to one district */
const intervalMs = 100
/** most readings in one message */
const maxPerMessage = 1_000
/** readings held for one interval before only the newest of each sensor are kept */
const maxHeld = 20_000

/** Publishes readings on `city/v1/live/{district}`, at most every 100 ms a district. It waits for nobody. */
export class LiveFeed {
  readonly #mqtt: MqttClient
  readonly #timer: NodeJS.Timeout
  #held: LiveReading[] = []

  constructor(mqtt: MqttClient) {
    this.#mqtt = mqtt
    this.#timer = setInterval(() => this.#flush(), intervalMs)
  }

  add(readings: readonly LiveReading[]): void {
    this.#held.push(...readings)
    if (this.#held.length > maxHeld) this.#keepNewest()
  }

  /** While the broker is away, or the feed is flooded, the newest reading of each sensor is enough for the screens. */
  #keepNewest(): void {
    const newest = new Map<string, LiveReading>()
    for (const item of this.#held) {
      const known = newest.get(item.reading.sensor)
      if (!known || known.reading.ts <= item.reading.ts) newest.set(item.reading.sensor, item)
    }
    this.#held = [...newest.values()].slice(-maxHeld)
  }

  #flush(): void {
    if (this.#held.length === 0 || !this.#mqtt.connected) return
    const batches = groupByDistrict(this.#held)
    this.#held = []
    for (const [district, batch] of batches)
      for (let from = 0; from < batch.length; from += maxPerMessage)
        this.#mqtt.publish(liveTopic(district), JSON.stringify(batch.slice(from, from + maxPerMessage)), { qos: 0 })
  }

  close(): void {
    clearInterval(this.#timer)
    this.#flush()
  }
}

function groupByDistrict(readings: readonly LiveReading[]): Map<string, LiveReading[]> {
  const groups = new Map<string, LiveReading[]>()
  for (const item of readings) {
    const group = groups.get(item.reading.district)
    if (group) group.push(item)
    else groups.set(item.reading.district, [item])
  }
  return groups
}

import type { MqttClient } from 'mqtt'
import type { LiveReading } from '#telemetry/live.ts'
import { liveTopic } from '#telemetry/topics.ts'

/** ms between two batches to one district, when few sensors have something new */
const intervalMs = 100
/** ms between two batches at the most, when many have */
const maxIntervalMs = 400
/** readings a second that the live feed carries before it takes more time between batches */
const unhurriedRate = 5_000
/** most readings in one message */
const maxPerMessage = 1_000
/** sensors of whom a reading is held; beyond that readings reach the store only */
const maxHeld = 20_000

/**
 * Publishes readings on `city/v1/live/{district}`, at most every 100 ms a district. It waits for nobody and has a bound:
 * of a sensor that measures more often than that, the newest reading stands for the others.
 */
export class LiveFeed {
  readonly #mqtt: MqttClient
  #timer: NodeJS.Timeout
  readonly #held = new Map<string, LiveReading>()

  constructor(mqtt: MqttClient) {
    this.#mqtt = mqtt
    this.#timer = setTimeout(() => this.#tick(), intervalMs)
  }

  add(readings: readonly LiveReading[]): void {
    for (const item of readings) {
      const known = this.#held.get(item.reading.sensor)
      if (known ? known.reading.ts <= item.reading.ts : this.#held.size < maxHeld)
        this.#held.set(item.reading.sensor, item)
    }
  }

  #tick(): void {
    const pauseMs = Math.max(intervalMs, (this.#held.size / unhurriedRate) * 1_000)
    this.#flush()
    this.#timer = setTimeout(() => this.#tick(), Math.min(pauseMs, maxIntervalMs))
  }

  #flush(): void {
    if (this.#held.size === 0 || !this.#mqtt.connected) return
    const batches = groupByDistrict(this.#held.values())
    this.#held.clear()
    for (const [district, batch] of batches)
      for (let from = 0; from < batch.length; from += maxPerMessage)
        this.#mqtt.publish(liveTopic(district), JSON.stringify(batch.slice(from, from + maxPerMessage)), { qos: 0 })
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#flush()
  }
}

function groupByDistrict(readings: Iterable<LiveReading>): Map<string, LiveReading[]> {
  const groups = new Map<string, LiveReading[]>()
  for (const item of readings) {
    const group = groups.get(item.reading.district)
    if (group) group.push(item)
    else groups.set(item.reading.district, [item])
  }
  return groups
}

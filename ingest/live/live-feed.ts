import type { MqttClient } from 'mqtt'
import type { JournalRecord, JournalRecords } from '#journal/journal.ts'
import type { LiveReading } from '#telemetry/live.ts'
import { liveTopic } from '#telemetry/topics.ts'
import { ArrivalTimes } from '../clock/arrival-times.ts'
import { decodeMessage } from '../decode/decode-message.ts'
import { nothingDecoded } from '../decode/decoded.ts'
import type { TopicCache } from '../decode/topic-cache.ts'
import type { LiveFaults } from './live-faults.ts'
import { encodeLiveMessages } from './live-messages.ts'
import { mergeReading } from './merge-readings.ts'

/** ms between two batches to one district, when few sensors have something new */
const intervalMs = 100
/** ms between two batches at the most, when many have */
const maxIntervalMs = 400
/** readings a second beyond which the time between batches grows */
const fullPaceRate = 5_000
/** records of one topic that wait to be decoded: as many as a sensor may split its values over, before the newest stands for all */
const maxUndecodedOfTopic = 8
/** sensors of whom a reading is held; beyond that readings reach the store only */
const maxHeld = 20_000

/**
 * Publishes readings on `city/v1/live/{district}`, at most every 100 ms a district. It waits for nobody and has a bound:
 * of a sensor that measures more often than that, the newest reading stands for the others that hold no further values.
 */
export class LiveFeed {
  readonly #mqtt: MqttClient
  readonly #topics: TopicCache
  readonly #arrivals: ArrivalTimes
  readonly #faults: Pick<LiveFaults, 'reportFailure' | 'reportRefusal'>
  #timer: NodeJS.Timeout
  readonly #held = new Map<string, readonly LiveReading[]>()
  /** by topic; decoded when the next batch goes out */
  readonly #pending = new Map<string, JournalRecord[]>()

  /** @param faults told of what could not be shown; the store has it all the same */
  constructor(
    mqtt: MqttClient,
    topics: TopicCache,
    faults: Pick<LiveFaults, 'reportFailure' | 'reportRefusal'>,
    arrivals = new ArrivalTimes(),
  ) {
    this.#arrivals = arrivals
    this.#faults = faults
    this.#mqtt = mqtt
    this.#topics = topics
    this.#timer = setTimeout(() => this.#tick(), intervalMs)
  }

  /** One that cannot be held harms no other. */
  add(readings: readonly LiveReading[]): void {
    for (const item of readings) {
      try {
        const known = this.#held.get(item.reading.sensor)
        if (known || this.#held.size < maxHeld) this.#held.set(item.reading.sensor, mergeReading(known ?? [], item))
      } catch (error) {
        this.#faults.reportFailure(error, item)
      }
    }
  }

  /** Takes what is not decoded for the store at the same time: only the last few records of each topic will be. Never throws. */
  addUndecoded(records: JournalRecords): void {
    try {
      this.#addPending(records)
    } catch (error) {
      this.#faults.reportFailure(error)
    }
  }

  #addPending(records: JournalRecords): void {
    for (const record of records) {
      const held = this.#pending.get(record.topic)
      if (held) {
        if (held.push(record) > maxUndecodedOfTopic) held.shift()
      } else if (this.#pending.size < maxHeld) this.#pending.set(record.topic, [record])
    }
  }

  /** Also while the broker is away: a record that waits keeps its whole block in memory. */
  #decodePending(): void {
    if (this.#pending.size === 0) return
    const decoded = nothingDecoded()
    const records = [...this.#pending.values()].flat()
    this.#pending.clear()
    for (const record of records) decodeMessage(record, this.#topics, decoded, this.#arrivals)
    for (const refusal of decoded.refusals) if (refusal.code === 'FAULT') this.#faults.reportRefusal(refusal)
    this.add(decoded.readings)
    this.add(decoded.tooFarAhead ?? [])
  }

  /** Goes on whatever happens: what cannot be shown must not end the process. */
  #tick(): void {
    let pauseMs = intervalMs
    try {
      this.#decodePending()
      pauseMs = Math.max(intervalMs, (this.#held.size / fullPaceRate) * 1_000)
      this.#flush()
    } catch (error) {
      this.#faults.reportFailure(error)
    }
    this.#timer = setTimeout(() => this.#tick(), Math.min(pauseMs, maxIntervalMs))
  }

  #flush(): void {
    if (this.#held.size === 0 || !this.#mqtt.connected) return
    const batches = groupByDistrict([...this.#held.values()].flat())
    this.#held.clear()
    for (const [district, batch] of batches) this.#publish(district, batch)
  }

  /** When a batch cannot be told, each reading of it is tried alone. */
  #publish(district: string, batch: readonly LiveReading[]): void {
    try {
      for (const message of encodeLiveMessages(batch)) this.#mqtt.publish(liveTopic(district), message, { qos: 0 })
    } catch (error) {
      if (batch.length === 1) this.#faults.reportFailure(error, batch[0])
      else for (const item of batch) this.#publish(district, [item])
    }
  }

  close(): void {
    clearTimeout(this.#timer)
    try {
      this.#decodePending()
      this.#flush()
    } catch (error) {
      this.#faults.reportFailure(error)
    }
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

import type { MqttClient } from 'mqtt'
import type { RunningStore } from '#storage/running-store.ts'
import { CoalescedTask } from '#telemetry/concurrency/coalesced-task.ts'
import { hourMs, minuteMs } from '#telemetry/durations.ts'
import type { DistanceToDistrict } from '#telemetry/meta-message.ts'
import { quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import type { SteadyClock } from '#telemetry/steady-clock.ts'
import { channelFilter } from '#telemetry/topics.ts'
import { type Fault, type Refusal, unforeseen } from '../decode/refusal.ts'
import { type StoreOptions, withRunningStore } from '../ingest-store.ts'
import { OverflowReporter } from '../quarantine/overflow-reporter.ts'
import { Quarantine } from '../quarantine/quarantine.ts'
import type { QuarantineSize } from '../quarantine/quarantine-size.ts'
import { RefusalWriter } from '../quarantine/refusal-writer.ts'
import { findDeviceFault } from './validate-device-message.ts'

/** Bounds of what is refused of devices' meta and status. */
export interface DeviceLimits {
  /** refused messages that wait for the store; further ones are counted, not kept */
  maxWaiting: number
  /** entries a minute: a share of the quarantine, so that meta and status never take the room of readings */
  maxPerMinute: number
  /** entries of a topic that are looked through for one that is the same */
  maxAlike: number
  /** ms for which a message that is sent again makes no further entry; one that the broker had kept never does */
  againMs: number
}

const deviceLimits: DeviceLimits = { maxWaiting: 1_000, maxPerMinute: 300, maxAlike: 100, againMs: hourMs }

/** A refused message, and whether the broker had kept it. */
interface Refused extends Refusal {
  isRetained: boolean
}

export interface DeviceMessagesOptions extends StoreOptions {
  mqtt: MqttClient
  distance: DistanceToDistrict
  limits?: DeviceLimits
  quarantineSize?: QuarantineSize
}

/**
 * Listens to what sensors say of themselves, and puts in quarantine what is wrong with it. Messages that the broker keeps come
 * again with every connection, and to every process of ingest: one that is in quarantine already makes no further entry.
 */
export class DeviceMessages {
  readonly #options: DeviceMessagesOptions
  readonly #limits: DeviceLimits
  readonly #store: RunningStore
  readonly #refusals: RefusalWriter
  readonly #clock: SteadyClock
  #waiting: Refused[] = []
  readonly #overflow: OverflowReporter
  readonly #writing = new CoalescedTask(() => this.#write())
  #minute = 0
  #kept = 0

  constructor(options: DeviceMessagesOptions) {
    this.#options = options
    this.#limits = options.limits ?? deviceLimits
    this.#store = withRunningStore(options).store
    const { mqtt, log, store, metrics, quarantineSize: size } = options
    const quarantine = new Quarantine({ store, metrics, ...(size && { size }) })
    this.#clock = quarantine.clock
    this.#refusals = new RefusalWriter(quarantine, options)
    this.#overflow = new OverflowReporter(this.#refusals, options)
    mqtt.on('message', (topic, payload, { retain }) => this.#receive(topic, payload, retain))
    mqtt.subscribe([channelFilter('meta'), channelFilter('status')], { qos: 1 }, (error, granted) => {
      if (mqtt.disconnecting || (!error && granted?.every(({ qos }) => qos <= 2))) return
      log.error({ err: error }, 'the broker refuses meta and status: what is wrong with them is not in quarantine')
    })
  }

  /** Waits for what is being written, which ends with the signal of the options; tells what the quarantine had no room for. */
  async close(): Promise<void> {
    await this.#writing.idle()
    await this.#overflow.close()
  }

  #receive(topic: string, payload: Buffer, isRetained: boolean): void {
    const fault = this.#faultOf(topic, payload)
    if (!fault) return
    const { metrics } = this.#options
    metrics.devicesRefused.inc({ code: fault.code })
    if (this.#waiting.length >= this.#limits.maxWaiting) {
      metrics.devicesNotKept.inc()
      return
    }
    // several processes hear the same message: by the minute it is one entry
    const arrivedAt = Math.floor(this.#clock.now() / minuteMs) * minuteMs
    this.#waiting.push({ ...fault, topic, payload, arrivedAt, count: 1, isRetained })
    metrics.devicesWaiting.set(this.#waiting.length)
    this.#writing.request()
  }

  /** What nobody foresaw is a fault of that message: it may be retained, and would end each start. */
  #faultOf(topic: string, payload: Buffer): Fault | undefined {
    try {
      return findDeviceFault(topic, payload, this.#options.distance)
    } catch (error) {
      return unforeseen(error)
    }
  }

  async #write(): Promise<void> {
    const { log, metrics, signal } = this.#options
    for (let next = this.#waiting.shift(); next && !signal.aborted; next = this.#waiting.shift()) {
      metrics.devicesWaiting.set(this.#waiting.length)
      await this.#append(next).catch((error) => {
        if (signal.aborted) return
        metrics.devicesNotKept.inc()
        log.error({ err: error }, 'a refused meta or status is not in quarantine')
      })
    }
  }

  async #append(refused: Refused): Promise<void> {
    if (await this.#isKnown(refused)) return
    const minute = Math.floor(this.#clock.now() / minuteMs)
    if (minute !== this.#minute) this.#kept = 0
    this.#minute = minute
    if (this.#kept >= this.#limits.maxPerMinute) {
      this.#options.metrics.devicesNotKept.inc()
      return
    }
    this.#kept += 1
    await this.#refusals.write([refused])
  }

  /** Whether the same message is in quarantine, since the last hour unless the broker had kept it. */
  async #isKnown({ topic, payload, code, isRetained }: Refused): Promise<boolean> {
    const { maxAlike: limit, againMs } = this.#limits
    const from = isRetained ? undefined : this.#clock.now() - againMs
    const alike = await this.#store.readEvents({ stream: 'quarantine', subject: topic, limit, ...(from && { from }) })
    const text = Buffer.from(payload).toString('utf8')
    return alike.some(({ body }) => {
      const { data } = quarantinedSchema.safeParse(body)
      return data?.code === code && data.payload === text
    })
  }
}

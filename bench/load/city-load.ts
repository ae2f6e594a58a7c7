import { connect, type Socket } from 'node:net'
import { generate } from 'mqtt-packet'
import { valuesAt } from '#simulators/kinds/kinds.ts'
import type { SimulatedSensor } from '#simulators/sensor.ts'
import type { Reading } from '#telemetry/reading.ts'
import { type Channel, sensorTopic } from '#telemetry/topics.ts'

/** Access to the broker. */
export interface CityLoadOptions {
  port: number
  username: string
  password: string
  sensors: readonly SimulatedSensor[]
}

/** What a sensor reports at a time (epoch ms). */
export type Report = (sensor: SimulatedSensor, ts: number) => Reading['values']

/** What the simulated city would say. */
export const cityReport: Report = (sensor, ts) => valuesAt(sensor, ts, 1)

/** Traffic that jumps between free and jammed with every reading: the most that can change on a map at once. */
export const jumpingReport: Report = (sensor, ts) =>
  sensor.kind === 'traffic'
    ? { intensity: 3, averageVehicleSpeed: (Math.floor(ts / 250) + sensor.id.length) % 2 === 0 ? 50 : 10 }
    : cityReport(sensor, ts)

/** ms between two portions of a tick's readings */
const portionMs = 25

/** Speaks for all sensors of a city over one connection, with QoS 1. */
export class CityLoad {
  readonly #socket: Socket
  readonly #options: CityLoadOptions
  readonly #ready: Promise<void>
  #timer: NodeJS.Timeout | undefined
  #messageId = 0
  #sent = 0
  #acknowledgedBytes = 0

  constructor(options: CityLoadOptions) {
    this.#options = options
    this.#socket = connect({ port: options.port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('error', (error) => {
      throw error // a benchmark that lost its connection has no result
    })
    this.#socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: `city-load-${process.pid}`,
        keepalive: 600,
        username: options.username,
        password: Buffer.from(options.password),
      }),
    )
    this.#ready = new Promise((resolve) => this.#socket.once('data', () => resolve()))
    // CONNACK and PUBACKs are four bytes each
    this.#socket.on('data', (chunk: Buffer) => {
      this.#acknowledgedBytes += chunk.length
    })
  }

  /** Tells meta, connection and a first reading of every sensor; resolves when the broker has acknowledged them. */
  async announce(report: Report): Promise<void> {
    await this.#ready
    for (const sensor of this.#options.sensors) {
      this.publish(sensor, 'meta', JSON.stringify(sensor.meta), true)
      this.publish(sensor, 'status', 'online', true)
    }
    this.report(this.#options.sensors, report)
    while (this.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  /** messages not acknowledged yet */
  get waiting(): number {
    return this.#sent - (this.#acknowledgedBytes / 4 - 1)
  }

  /** readings and other messages sent so far */
  get sent(): number {
    return this.#sent
  }

  publish(sensor: SimulatedSensor, channel: Channel, payload: string, retain = false): void {
    this.#socket.write(this.#packet(sensor, channel, payload, retain))
  }

  /** Sends a reading of each sensor now. */
  report(sensors: readonly SimulatedSensor[], report: Report): void {
    const ts = Date.now()
    const packets = sensors.map((sensor) =>
      this.#packet(sensor, 'reading', JSON.stringify({ ts, ...report(sensor, ts) }), false),
    )
    this.#socket.write(Buffer.concat(packets))
  }

  /** Lets `share` of the sensors report `hz` times a second until {@link stop}, always the same ones and never the first, evenly spread over the time. */
  start(share: number, hz: number, report: Report): void {
    const { sensors } = this.#options
    const talking = sensors.filter((_, at) => Math.floor(at * share) !== Math.floor((at + 1) * share))
    const portions = Math.round(1_000 / hz / portionMs)
    const began = performance.now()
    let done = 0
    this.#timer = setInterval(() => {
      const due = Math.floor((performance.now() - began) / portionMs)
      for (; done < due; done++) {
        const portion = done % portions
        this.report(
          talking.filter((_, at) => at % portions === portion),
          report,
        )
      }
    }, portionMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  close(): void {
    this.stop()
    this.#socket.destroy()
  }

  #packet({ id, district, kind }: SimulatedSensor, channel: Channel, payload: string, retain: boolean): Buffer {
    this.#sent += 1
    this.#messageId = (this.#messageId % 65_535) + 1
    const topic = sensorTopic({ district, kind, sensor: id, channel })
    return generate({ cmd: 'publish', topic, payload, qos: 1, messageId: this.#messageId, dup: false, retain })
  }
}

import { connect, type Socket } from 'node:net'
import { generate } from 'mqtt-packet'
import { ledgerLine } from '#telemetry/ledger.ts'

export interface PublisherOptions {
  port: number
  /** undefined: each is the sensor it publishes for */
  username?: string | undefined
  password: string
  /** number of this connection; names its sensor */
  index: number
  /** time of measuring of the first reading, epoch ms; each further one is 1 ms later, so that none is a duplicate */
  firstTs: number
  /** QoS 1 packets in flight at most */
  window: number
  /** µs between sending and PUBACK, of every reading; undefined to measure nothing */
  latencies?: (ms: number) => void
}

const digitsOf = (text: string, name: string) => {
  const at = text.indexOf(`"${name}":`) + name.length + 3
  return { at, length: /^\d+/.exec(text.slice(at))?.[0].length ?? 0 }
}

/** Publishes readings of about 150 bytes over one raw connection, as fast as the window allows; costs next to no CPU beside the socket. */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #socket: Socket
  readonly #packet: Buffer
  readonly #idAt: number
  readonly #ts: { at: number; length: number }
  readonly #seq: { at: number; length: number }
  readonly #sentAt: number[] = []
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>
  #ready: (() => void) | undefined
  #rest: Buffer = Buffer.alloc(0)
  #inFlight = 0
  #sending = false
  /** readings sent at the most from now on */
  #allowance = 0
  sent = 0
  acknowledged = 0

  constructor(options: PublisherOptions) {
    this.#options = options
    const payload = JSON.stringify({
      ts: options.firstTs,
      seq: 1_000_000_000,
      intensity: 18,
      averageVehicleSpeed: 31.5,
      occupancy: 0.31,
      averageHeadwayTime: 3.25,
      motorbikes: 12,
      cars: 4,
      buses: 1,
      trucks: 1,
    })
    const topic = `city/v1/tay-ninh/traffic/bench-${options.index}/reading`
    this.#packet = generate({ cmd: 'publish', topic, payload, qos: 1, messageId: 1, dup: false, retain: false })
    const start = this.#packet.length - payload.length
    this.#idAt = start - 2
    const moved = ({ at, length }: { at: number; length: number }) => ({ at: start + at, length })
    this.#ts = moved(digitsOf(payload, 'ts'))
    this.#seq = moved(digitsOf(payload, 'seq'))
    this.#socket = connect({ port: options.port, host: '127.0.0.1', noDelay: true })
    this.closed = new Promise((resolve) => this.#socket.once('close', () => resolve()))
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#socket.on('error', (error) => {
      throw error // a benchmark that lost a connection has no result
    })
  }

  /** Resolves with CONNACK. */
  connected(): Promise<void> {
    const { index, username = `bench-${index}`, password } = this.#options
    const clientId = `bench-${process.pid}-${index}`
    this.#socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId,
        keepalive: 600,
        username,
        password: Buffer.from(password),
      }),
    )
    return new Promise((resolve) => {
      this.#ready = resolve
    })
  }

  /** Lets so many more readings go out. */
  allow(readings: number): void {
    this.#allowance += readings
    if (!this.#sending) this.#fill()
  }

  /** Sends nothing new from now on. */
  halt(): void {
    this.#allowance = 0
  }

  #fill(): void {
    const free = Math.min(this.#options.window - this.#inFlight, this.#allowance)
    if (free <= 0) return
    const size = this.#packet.length
    const bytes = Buffer.allocUnsafe(size * free)
    const now = this.#options.latencies ? performance.now() : 0
    for (let i = 0; i < free; i++) {
      this.sent += 1
      const id = 1 + (this.sent % 65_535)
      this.#packet.writeUInt16BE(id, this.#idAt)
      this.#digits(this.#ts, this.#options.firstTs + this.sent)
      this.#digits(this.#seq, 1_000_000_000 + this.sent)
      bytes.set(this.#packet, i * size)
      if (this.#options.latencies) this.#sentAt[id] = now
    }
    this.#inFlight += free
    this.#allowance -= free
    this.#sending = !this.#socket.write(bytes)
    if (this.#sending)
      this.#socket.once('drain', () => {
        this.#sending = false
        this.#fill()
      })
  }

  #digits({ at, length }: { at: number; length: number }, value: number): void {
    let left = value
    for (let i = at + length - 1; i >= at; i--) {
      this.#packet[i] = 48 + (left % 10)
      left = Math.floor(left / 10)
    }
  }

  #read(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    if (this.#ready) {
      if (bytes[0] !== 0x20 || bytes[3] !== 0) throw new Error(`refused with ${bytes[3]}`)
      bytes = bytes.subarray(4)
      this.#ready()
      this.#ready = undefined
    }
    // PUBACK: 0x40, 2, and two bytes of id
    const whole = bytes.length - (bytes.length % 4)
    const now = this.#options.latencies ? performance.now() : 0
    for (let at = 0; at < whole; at += 4) {
      this.acknowledged += 1
      this.#options.latencies?.(now - (this.#sentAt[bytes.readUInt16BE(at + 2)] ?? now))
    }
    this.#inFlight -= whole / 4
    this.#rest = bytes.subarray(whole)
    if (!this.#sending) this.#fill()
  }

  /** What it sent, as a ledger in which all of it was acknowledged at this time (epoch ms). */
  ledger(at: number): string {
    const { index, firstTs } = this.#options
    const entry = { event: 'acked', kind: 'traffic', sensor: `bench-${index}`, at } as const
    let lines = ''
    for (let reading = 1; reading <= this.sent; reading++)
      lines += `${ledgerLine({ ...entry, ts: firstTs + reading })}\n`
    return lines
  }

  close(): void {
    this.#socket.destroy()
  }
}

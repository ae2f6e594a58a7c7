import { connect, type Socket } from 'node:net'
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet'
import { until } from '../journal/journal-parts.ts'

/** A raw MQTT connection: sends any bytes, remembers every packet that came. */
export class RawClient {
  readonly socket: Socket
  readonly received: Packet[] = []
  /** whether the broker, or this side, closed the connection */
  closed = false
  #taken = 0

  /** @param localAddress where it comes from, such as 127.0.0.2 */
  constructor(port: number, localAddress?: string) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, ...(localAddress && { localAddress }) })
    const incoming = parser()
    incoming.on('packet', (packet) => this.received.push(packet))
    this.socket.on('data', (chunk) => incoming.parse(chunk))
    this.socket.on('error', () => {}) // a reset is a way of closing
    this.socket.on('close', () => {
      this.closed = true
    })
  }

  send(...packets: (Packet | Buffer)[]): this {
    this.socket.write(Buffer.concat(packets.map((each) => (Buffer.isBuffer(each) ? each : generate(each)))))
    return this
  }

  /** The next packet of this kind that no call has answered yet; those between are passed over. */
  async next<Command extends Packet['cmd']>(cmd: Command): Promise<Extract<Packet, { cmd: Command }>> {
    return until(cmd, () => {
      if (this.closed && this.#taken >= this.received.length) throw new Error(`closed before ${cmd}`)
      while (this.#taken < this.received.length) {
        const packet = this.received[this.#taken++]
        if (packet?.cmd === cmd) return packet as Extract<Packet, { cmd: Command }> // its cmd says so
      }
      return undefined
    })
  }

  /** Waits until the connection is closed. */
  async end(): Promise<void> {
    await until('the end of the connection', () => this.closed)
  }

  /** Breaks the connection off without DISCONNECT. */
  destroy(): void {
    this.socket.destroy()
  }
}

/** A CONNECT as the user of a test broker. */
export function connectPacket(clientId: string, more: Partial<IConnectPacket> = {}): IConnectPacket {
  return {
    ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 30, clientId },
    ...{ username: 'admin', password: Buffer.from(testPassword) },
    ...more,
  }
}

/** Password of every user of a test broker. */
export const testPassword = 'a password of this test'

/** A connected client. */
export async function connected(
  port: number,
  clientId: string,
  more: Partial<IConnectPacket> = {},
): Promise<RawClient> {
  const client = new RawClient(port).send(connectPacket(clientId, more))
  const { returnCode } = await client.next('connack')
  if (returnCode !== 0) throw new Error(`CONNACK ${returnCode}`)
  return client
}

/** A PUBLISH; with a message id when its QoS needs one. */
export function publishPacket(
  topic: string,
  payload: string | Buffer,
  { qos = 0, retain = false, messageId = 1 }: { qos?: 0 | 1 | 2; retain?: boolean; messageId?: number } = {},
): Packet {
  return { cmd: 'publish', topic, payload, qos, retain, dup: false, ...(qos > 0 ? { messageId } : {}) }
}

/** A SUBSCRIBE to one or more filters. */
export function subscribePacket(filters: string | string[], qos: 0 | 1 | 2 = 0, messageId = 1): Packet {
  return { cmd: 'subscribe', messageId, subscriptions: [filters].flat().map((topic) => ({ topic, qos })) }
}

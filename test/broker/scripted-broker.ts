import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { generate, type Packet, parser } from 'mqtt-packet'

/** One connection to the scripted broker, accepted and subscribed. */
export interface ScriptedConnection {
  /** message ids acknowledged on it, in order */
  acknowledged: number[]
  /** Sends messages of QoS 1 with these ids, all in one piece. */
  send(messageIds: readonly number[]): void
  cut(): void
}

/** A broker that sends exactly what a test tells it to, over real sockets: ids that are used anew, a connection lost within a burst. */
export interface ScriptedBroker {
  url: string
  /** what it answers to a subscription: QoS 1 unless changed, 128 refuses */
  granted: 0 | 1 | 128
  /** those that have asked to subscribe, in order */
  connections: readonly ScriptedConnection[]
  close(): void
}

/** Starts one on a free port of loopback; payloads are the message ids, padded to 100 bytes. */
export async function startScriptedBroker(topic: string): Promise<ScriptedBroker> {
  const connections: ScriptedConnection[] = []
  const sockets = new Set<Socket>()
  const accept = (socket: Socket) => {
    sockets.add(socket)
    const acknowledged: number[] = []
    const publish = (messageId: number) => {
      const payload = `${messageId} `.padEnd(100, '.')
      return generate({ cmd: 'publish', qos: 1, topic, messageId, payload, dup: false, retain: false })
    }
    const connection: ScriptedConnection = {
      acknowledged,
      send: (messageIds) => socket.write(Buffer.concat(messageIds.map(publish))),
      cut: () => socket.destroy(),
    }
    const packets = parser()
    packets.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') socket.write(generate({ cmd: 'connack', returnCode: 0, sessionPresent: true }))
      if (packet.cmd === 'subscribe') {
        socket.write(generate({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: [broker.granted] }))
        connections.push(connection)
      }
      if (packet.cmd === 'puback') acknowledged.push(packet.messageId ?? 0)
    })
    socket.on('data', (chunk) => packets.parse(chunk))
    socket.on('error', () => {}) // the close that follows says it
    socket.on('close', () => sockets.delete(socket))
  }
  const broker: ScriptedBroker = {
    url: '',
    granted: 1,
    connections,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
  const server = createServer(accept).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a TCP server that listens has one
  broker.url = `mqtt://127.0.0.1:${port}`
  return broker
}

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'

/** A TCP line to a port of loopback that tests can cut. */
export interface TcpLine {
  port: number
  /** connections that came while it was cut */
  readonly refused: number
  /** Ends every connection at once and lets none through until {@link heal}. */
  cut(): void
  heal(): void
  close(): Promise<void>
}

/** What a line makes of the bytes that go through it; each is given a piece and answers what goes on. */
export interface LineEdits {
  sent?: (bytes: Buffer) => Buffer
  received?: (bytes: Buffer) => Buffer
}

const asItIs = (bytes: Buffer) => bytes

function through(edit: (bytes: Buffer) => Buffer): Transform {
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      done(null, edit(bytes))
    },
  })
}

/** Starts a line whose far end is this port. */
export async function startTcpLine(to: number, { sent = asItIs, received = asItIs }: LineEdits = {}): Promise<TcpLine> {
  const sockets = new Set<Socket>()
  let whole = true
  let refused = 0
  const hold = (socket: Socket, other: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // the close that follows says it
    socket.on('close', () => {
      sockets.delete(socket)
      other.destroy()
    })
  }
  const server = createServer((near) => {
    if (!whole) {
      refused += 1
      near.destroy()
      return
    }
    const far = connect(to, '127.0.0.1')
    hold(near, far)
    hold(far, near)
    near.pipe(through(sent)).pipe(far)
    far.pipe(through(received)).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no address')
  const cut = () => {
    whole = false
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: address.port,
    get refused() {
      return refused
    },
    cut,
    heal() {
      whole = true
    },
    async close() {
      cut()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

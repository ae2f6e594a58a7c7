import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP line to a port of loopback that tests can cut. */
export interface TcpLine {
  port: number
  /** Ends every connection at once and lets none through until {@link heal}. */
  cut(): void
  heal(): void
  close(): Promise<void>
}

/** Starts a line whose far end is this port. */
export async function startTcpLine(to: number): Promise<TcpLine> {
  const sockets = new Set<Socket>()
  let whole = true
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
      near.destroy()
      return
    }
    const far = connect(to, '127.0.0.1')
    hold(near, far)
    hold(far, near)
    near.pipe(far)
    far.pipe(near)
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

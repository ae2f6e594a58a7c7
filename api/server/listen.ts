import type { Socket } from 'node:net'
import { ConfigError } from '#telemetry/errors.ts'
import type { ApiServer } from './api-server.ts'

/** Makes the server listen; answers the port. @throws ConfigError when the address is taken or is none of this machine */
export async function listen(app: ApiServer, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE')
      throw new ConfigError(
        `HTTP_PORT is ${port}: ${host}:${port} is already taken; choose another with HTTP_PORT`,
        error,
      )
    if (code === 'EACCES')
      throw new ConfigError(`HTTP_PORT is ${port}: this user may not open it; choose another with HTTP_PORT`, error)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new ConfigError(`HOST is "${host}": this machine has no such address`, error)
    throw error
  }
  const address = app.server.address()
  return typeof address === 'object' && address ? address.port : port
}

/** ms that clients have to say goodbye before their connections are cut */
const goodbyeMs = 500

/** Watches the connections of a server. What comes back closes the server: those that do not end by themselves are cut. */
export function trackConnections(app: ApiServer): () => Promise<void> {
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket) => {
    if (sockets.has(socket)) return
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return async () => {
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, goodbyeMs)
    await app.close()
    clearTimeout(cut)
  }
}

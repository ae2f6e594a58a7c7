import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** below the ports that the system gives to connections: one of these could take a port before a server that is told it listens */
const [lowest, highest] = [20_000, 32_000]

/** A TCP port of loopback that nobody listens on now, and that no connection will be given. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch {
      continue // in use: another one
    }
    server.close()
    await once(server, 'close')
    return port
  }
}

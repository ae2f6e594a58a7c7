import { io, type Socket } from 'socket.io-client'
import type { ClientEvents, ServerEvents } from '#telemetry/live.ts'

/** A screen that shows everything and notes how current it is. */
export interface Screen {
  /** ms from the broker to here, of every reading shown since the last call */
  drain(): number[]
  close(): void
}

/** Opens a screen on the live feed; resolves with its first snapshot. */
export async function connectScreen(url: string, token: string): Promise<Screen> {
  const socket: Socket<ServerEvents, ClientEvents> = io(`${url}/live`, { auth: { token }, transports: ['websocket'] })
  let delays: number[] = []
  socket.on('readings', ({ readings }) => {
    const now = Date.now()
    for (const { arrivedAt } of readings) delays.push(now - arrivedAt)
  })
  socket.on('connect', () => socket.emit('subscribe', {}))
  await new Promise<void>((resolve) => socket.once('snapshot', () => resolve()))
  return {
    drain() {
      const taken = delays
      delays = []
      return taken
    },
    close: () => socket.disconnect(),
  }
}

import { io, type Socket } from 'socket.io-client'
import type { z } from 'zod'
import { parseItemwise } from '#telemetry/itemwise.ts'
import {
  type ClientEvents,
  type Health,
  healthSchema,
  type OverrideChanges,
  overrideChangesSchema,
  type Readings,
  readingsSchema,
  type ServerEvents,
  type Snapshot,
  type Status,
  snapshotSchema,
  statusSchema,
} from '#telemetry/live.ts'

/** Health comes every 2 s; after so long a silence (ms) the connection counts as lost, which leaves time to show it within 5 s. */
export const silenceMs = 4_000

/** What the live feed tells; everything has passed its schema. */
export interface LiveEvents {
  snapshot(snapshot: Snapshot): void
  readings(readings: Readings): void
  status(status: Status): void
  health(health: Health): void
  /** which lamps follow a command, and which no longer do */
  overrides(changes: OverrideChanges): void
  /** the socket is gone */
  disconnected(): void
  /** the server would not have us: perhaps the session has ended */
  refusedConnection(): void
  /** so many messages, or items of one, did not fit their schema and were left out */
  malformed(event: string, count: number, reason: string): void
}

/** The open live feed. */
export interface LiveConnection {
  /** Hears another event of the feed until the returned function is called; of its `lists`, what does not fit is left out alone. */
  hear<T>(
    event: keyof ServerEvents,
    schema: z.ZodType<T>,
    then: (value: T) => void,
    ...lists: readonly (keyof T & string)[]
  ): () => void
  /** Sends an event; what is sent while the connection is lost is dropped. */
  send<Event extends keyof ClientEvents>(event: Event, data: Parameters<ClientEvents[Event]>[0]): void
  /** Asks for a fresh snapshot. */
  resync(): void
  close(): void
}

/** Connects to `/live` with the session's cookie and reconnects by itself; each connection begins with a snapshot. */
export function connectLive(events: LiveEvents): LiveConnection {
  const socket: Socket<ServerEvents, ClientEvents> = io('/live', {
    reconnectionDelayMax: 2_000,
    withCredentials: true,
    // a first snapshot over long polling costs a second; where WebSocket is barred it is still tried
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
  })
  let again: ReturnType<typeof setTimeout> | undefined
  const resync = () => {
    socket.emit('subscribe', {})
  }
  const parse = <T>(
    event: string,
    schema: z.ZodType<T>,
    then: (value: T) => void,
    ...lists: readonly (keyof T & string)[]
  ) => {
    return (data: unknown) => {
      const parsed = parseItemwise(schema, data, ...lists)
      if (parsed.reason !== undefined) events.malformed(event, parsed.ok ? parsed.dropped : 1, parsed.reason)
      if (parsed.ok) then(parsed.value)
    }
  }
  socket.on('connect', resync)
  socket.on('snapshot', parse('snapshot', snapshotSchema, events.snapshot, 'sensors', 'overrides'))
  socket.on('readings', parse('readings', readingsSchema, events.readings, 'readings'))
  socket.on('status', parse('status', statusSchema, events.status))
  socket.on('health', parse('health', healthSchema, events.health))
  socket.on('overrides', parse('overrides', overrideChangesSchema, events.overrides, 'set'))
  const reconnectLater = () => {
    // after the server itself ended the connection or refused it, socket.io does not try again
    clearTimeout(again)
    again = setTimeout(() => socket.connect(), 2_000)
  }
  socket.on('disconnect', (reason) => {
    events.disconnected()
    if (reason === 'io server disconnect') reconnectLater()
  })
  socket.on('connect_error', () => {
    events.refusedConnection()
    if (!socket.active) reconnectLater()
  })
  return {
    resync,
    send(event, data) {
      if (socket.connected) (socket as Socket).emit(event, data) // typed by the parameters
    },
    hear(event, schema, then, ...lists) {
      const listener = parse(event, schema, then, ...lists)
      socket.on(event, listener)
      return () => socket.off(event, listener)
    },
    close() {
      clearTimeout(again)
      socket.disconnect()
    },
  }
}

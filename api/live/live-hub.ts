import type { Logger } from 'pino'
import type { AlertEvent } from '#telemetry/alert.ts'
import type { CommandRecord } from '#telemetry/command.ts'
import type { LiveReading, Status } from '#telemetry/live.ts'
import type { AlertsClient } from '../alerts-client/alerts-client.ts'
import type { SeenReports } from '../alerts-client/seen-reports.ts'
import type { LampOverrides, OverrideChanges } from '../commands/lamp-overrides.ts'
import type { ApiMetrics } from '../metrics.ts'
import { healthIntervalMs, type PlatformHealth } from '../platform-health.ts'
import type { SensorRegistry } from '../sensors/sensor-registry.ts'
import type { ShiftLog } from '../shift-log/shift-log.ts'
import { type AdmissionParts, admitClient, maxClients, recheckClients } from './admission.ts'
import { startBatchTimer } from './batch-timer.ts'
import { handleClientEvents } from './client-events.ts'
import { LiveClient, type LiveSocket } from './live-client.ts'
import { type SocketServerParts, startSocketServer } from './socket-server.ts'

interface HubParts extends AdmissionParts, SocketServerParts {
  registry: SensorRegistry
  alerts: Pick<AlertsClient, 'all' | 'watching'>
  overrides: Pick<LampOverrides, 'list'>
  seenReports: Pick<SeenReports, 'report'>
  health: PlatformHealth
  shiftLog: Pick<ShiftLog, 'state' | 'onChange'>
  metrics: ApiMetrics
  log: Logger
  clock: () => number
}

/** The live feed to the screens, namespace `/live`. */
export interface LiveHub {
  readings(readings: readonly LiveReading[]): void
  status(status: Status): void
  /** To those who may command lamps. */
  command(progress: CommandRecord): void
  /** Which lamps follow a command, and which no longer do. */
  overrides(changes: OverrideChanges): void
  /** Steps in the life of alerts. */
  alertEvents(events: readonly AlertEvent[]): void
  /** Gives every client all open alerts anew. */
  alertsChanged(): void
  /** Gives every client a fresh snapshot. */
  resync(): void
  close(): void
}

/** Begins to serve a client that was admitted, until it disconnects. */
function serveClient(socket: LiveSocket, clients: Map<string, LiveClient>, parts: HubParts): void {
  const { metrics, health } = parts
  const client = new LiveClient(socket, parts)
  clients.set(socket.id, client)
  metrics.clients.set(clients.size)
  client.queueHealth(health.now)
  handleClientEvents(socket, client, parts)
  socket.on('disconnect', (reason, details: unknown) => {
    if (reason === 'parse error') metrics.eventsRefused.inc({ why: 'malformed' })
    // ws refuses a message by its announced length, before it is read
    if (String(details).includes('Max payload size')) metrics.eventsRefused.inc({ why: 'oversized' })
    clients.delete(socket.id)
    metrics.clients.set(clients.size)
  })
}

/** Opens the live feed on an HTTP server. */
export function startLiveHub(parts: HubParts): LiveHub {
  const { health, metrics, clock } = parts
  const clients = new Map<string, LiveClient>()
  metrics.maxClients.set(maxClients)
  const io = startSocketServer(parts)
  const live = io.of('/live')
  live.use((socket, next) => {
    next(admitClient(socket, [...clients.values()], parts))
  })
  live.on('connection', (socket) => serveClient(socket, clients, parts))
  const each = (change: (client: LiveClient) => void) => {
    for (const client of clients.values()) change(client)
  }
  const recheckAll = () => recheckClients([...live.sockets.values()], parts)
  parts.sessions.onChange(recheckAll)
  const queueHealth = () => each((client) => client.queueHealth(health.now))
  health.onChange(queueHealth)
  parts.shiftLog.onChange(() => each((client) => client.queueShift()))
  const batches = startBatchTimer(() => each((client) => client.flush(clock())))
  const beating = setInterval(() => {
    queueHealth()
    // a session or key may also have come to its end
    recheckAll()
  }, healthIntervalMs)
  return {
    readings(readings) {
      each((client) => client.queueReadings(readings))
      batches.soon()
    },
    status: (status) => each((client) => client.queueStatus(status)),
    command: (progress) => each((client) => client.queueCommand(progress)),
    overrides: (changes) => each((client) => client.queueOverrides(changes)),
    alertEvents: (events) => each((client) => client.queueAlertEvents(events, clock())),
    alertsChanged: () => each((client) => client.resyncAlerts()),
    resync: () => each((client) => client.resync()),
    close() {
      batches.stop()
      clearInterval(beating)
      io.engine.close()
    },
  }
}

import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { Server } from 'socket.io'
import type { AlertEvent } from '#telemetry/alert.ts'
import type { CommandRecord } from '#telemetry/command.ts'
import type { ClientEvents, LiveReading, ServerEvents, Status } from '#telemetry/live.ts'
import { isFromOtherSite, isOwnOrigin } from '#telemetry/other-sites.ts'
import { ownHosts } from '#telemetry/own-host.ts'
import type { Person } from '#telemetry/people.ts'
import type { AlertsClient } from '../alerts-client/alerts-client.ts'
import type { AuditLog } from '../audit-log/audit-log.ts'
import { RateWindow } from '../limits/rate-window.ts'
import type { ApiMetrics } from '../metrics.ts'
import { healthIntervalMs, type PlatformHealth } from '../platform-health.ts'
import type { SensorRegistry } from '../sensors/sensor-registry.ts'
import { ApiProblem } from '../server/problems.ts'
import { answerOtherUpgrades, asksForWebSocket } from '../server/websocket-upgrades.ts'
import type { RefusedSignIns } from '../sign-in/refused-sign-ins.ts'
import { cookieName, type Sessions } from '../sign-in/sessions.ts'
import type { WebOptions } from '../web-options.ts'
import { handleClientEvents } from './client-events.ts'
import { LiveClient, type LiveSocket, type LiveSocketData } from './live-client.ts'

/** ms between two batches to a client: ten a second at most */
const batchMs = 100
/** ms that readings wait for those of other districts, when none were sent just now */
const gatherMs = 10

/** clients at once */
const maxClients = 1_000

/** clients of one person at once: no single one may take the place of all */
const maxClientsOfPerson = 500

/** connections a minute of one address; a browser that finds nobody tries 30 times a minute */
const maxConnects = { max: 600, windowMs: 60_000, maxKeys: 10_000 }

/** bytes of the largest message a client may send; a subscription that names 5,000 sensors and more fits */
const maxMessageBytes = 524_288

/** messages of one connection in ten seconds, whoever it is: twice the events of a client, for attempts to come in count too */
const maxMessages = { count: 100, perMs: 10_000 }

interface HubParts {
  http: HttpServer
  registry: SensorRegistry
  alerts: Pick<AlertsClient, 'all' | 'watching'>
  health: PlatformHealth
  sessions: Sessions
  auditLog: AuditLog
  refusedSignIns: RefusedSignIns
  metrics: ApiMetrics
  log: Logger
  clock: () => number
  /** reads the cookies of a request */
  cookies: (header: string) => Record<string, string | undefined>
  /** the address a request comes from, proxies seen through */
  addressOf: (request: IncomingMessage) => string
  web: Pick<WebOptions, 'publicUrl' | 'allowedHosts'>
}

/** The live feed to the screens, namespace `/live`. */
export interface LiveHub {
  readings(readings: readonly LiveReading[]): void
  status(status: Status): void
  /** Tells those who may command lamps. */
  command(progress: CommandRecord): void
  /** Steps in the life of alerts. */
  alertEvents(events: readonly AlertEvent[]): void
  /** Gives every client all open alerts anew. */
  alertsChanged(): void
  /** Gives every client a fresh snapshot. */
  resync(): void
  close(): void
}

/** Whether a connection may be tried at all: from a page of ours, under a name of ours, and not too often. */
function connectionFilter({ web, addressOf, metrics }: HubParts): (request: IncomingMessage) => boolean {
  const connects = new RateWindow(maxConnects)
  const isOwnHost = ownHosts(web.publicUrl, web.allowedHosts)
  return (request) => {
    const { origin } = request.headers
    // a page of another origin must not use the session's cookie, nor use up what this address may try; who is no browser sends no Origin
    if (!isOwnHost(request) || isFromOtherSite(request, web.publicUrl)) return false
    if (origin !== undefined && !isOwnOrigin(origin, request, web.publicUrl)) return false
    // over http a browser does not say whose page asks for a picture: what names no page is counted apart from our pages' WebSockets
    if (!connects.take(`${origin === undefined ? '' : 'page '}${addressOf(request)}`)) {
      metrics.rateLimited.inc({ what: 'live connection' })
      return false
    }
    return true
  }
}

/** A connection before it is anybody's. */
interface RawConnection {
  on(event: 'message', listener: () => void): void
  close(discard: boolean): void
}

/** Ends a connection that sends too much, also when nobody has signed in on it: each attempt to is answered. */
function boundMessages(connection: RawConnection, metrics: ApiMetrics): void {
  let sent = 0
  let since = performance.now()
  connection.on('message', () => {
    if (performance.now() - since > maxMessages.perMs) {
      sent = 0
      since = performance.now()
    }
    sent += 1
    if (sent <= maxMessages.count) return
    metrics.eventsRefused.inc({ why: 'too many' })
    connection.close(true)
  })
}

/** Who a client is now: by the token it sent along, or else the session of the page's cookie. */
function personOf(socket: LiveSocket, { sessions, cookies }: HubParts): Person | undefined {
  const token: unknown = socket.handshake.auth.token
  const { session } = socket.data
  try {
    if (session !== undefined) return sessions.authenticateCookie(session)
    if (token !== undefined) return typeof token === 'string' ? sessions.authenticateToken(token) : undefined
    return sessions.authenticateCookie(cookies(socket.handshake.headers.cookie ?? '')[cookieName] ?? '')
  } catch (error) {
    if (error instanceof ApiProblem) return undefined // it is not known yet who may come in
    throw error
  }
}

/** Begins a session for a client that sends the one-time token: it lasts no longer than this connection, for who comes again has no other. */
function signInOnce(socket: LiveSocket, parts: HubParts): Person | undefined {
  const { sessions, auditLog, metrics, addressOf } = parts
  const token: unknown = socket.handshake.auth.token
  const account = typeof token === 'string' ? sessions.redeem(token) : undefined
  if (!account) return undefined
  socket.data.session = sessions.issue(account)
  metrics.signIns.inc({ result: 'ok' })
  const { name } = account
  const from = addressOf(socket.request)
  // not waited for: a connection is accepted or refused at once
  void auditLog.record({ who: name, from, what: 'session.begin', target: name, detail: { way: 'live feed' } })
  return personOf(socket, parts)
}

/** Ends the clients whose session has ended or whose right is gone; the others go on with the rights they have now. */
function recheck(sockets: Iterable<LiveSocket>, parts: HubParts): void {
  for (const socket of sockets) {
    const person = personOf(socket, parts)
    if (person?.rights.includes('see')) socket.data.person = person
    else socket.disconnect(true)
  }
}

/** Why a connection is turned away, or undefined. */
function refusal(person: Person | undefined, clients: readonly LiveClient[]): string | undefined {
  if (clients.length >= maxClients) return 'too many clients'
  if (!person) return 'not signed in'
  if (clients.filter(({ who }) => who === person.name).length >= maxClientsOfPerson)
    return 'too many clients of one person'
  return person.rights.includes('see') ? undefined : 'this needs the right see'
}

/** Opens the live feed on an HTTP server. */
export function startLiveHub(parts: HubParts): LiveHub {
  const { registry, health, metrics, clock } = parts
  const clients = new Map<string, LiveClient>()
  const mayTry = connectionFilter(parts)
  const io = new Server<ClientEvents, ServerEvents, Record<never, never>, LiveSocketData>(parts.http, {
    serveClient: false,
    maxHttpBufferSize: maxMessageBytes,
    connectTimeout: 10_000,
    allowRequest: (request, done) => done(null, mayTry(request)),
  })
  answerOtherUpgrades(
    parts.http,
    (request) => request.url?.startsWith(`${io.path()}/`) === true && asksForWebSocket(request),
  )
  metrics.maxClients.set(maxClients)
  // over polling a message beyond the largest is answered 413, and the client stays
  io.engine.use((_request: IncomingMessage, response: ServerResponse, next: () => void) => {
    response.once('finish', () => {
      if (response.statusCode === 413) metrics.eventsRefused.inc({ why: 'oversized' })
    })
    next()
  })
  io.engine.on('connection', (connection: RawConnection) => boundMessages(connection, metrics))
  // nobody has business in the default namespace
  io.use((_socket, next) => next(new Error('use namespace /live')))
  const live = io.of('/live')
  live.use((socket, next) => {
    const person = personOf(socket, parts) ?? signInOnce(socket, parts)
    const why = refusal(person, [...clients.values()])
    if (person && why === undefined) {
      socket.data.person = person
      return next()
    }
    metrics.clientsRefused.inc({ why: why ?? '' })
    if (!person && socket.handshake.auth.token !== undefined)
      void parts.refusedSignIns.refused({ from: parts.addressOf(socket.request), way: 'live feed' })
    next(new Error(why))
  })
  live.on('connection', (socket) => {
    const client = new LiveClient(socket, { registry, alerts: parts.alerts, metrics })
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
  })
  const each = (tell: (client: LiveClient) => void) => {
    for (const client of clients.values()) tell(client)
  }
  const recheckAll = () => recheck([...live.sockets.values()], parts)
  parts.sessions.onChange(recheckAll)
  const tellHealth = () => each((client) => client.queueHealth(health.now))
  health.onChange(tellHealth)
  let flushedAt = Number.NEGATIVE_INFINITY
  let due: NodeJS.Timeout | undefined
  const flushSoon = () => {
    due ??= setTimeout(
      () => {
        due = undefined
        flushedAt = performance.now()
        each((client) => client.flush(clock()))
      },
      Math.max(gatherMs, flushedAt + batchMs - performance.now()),
    )
  }
  const flushing = setInterval(flushSoon, batchMs)
  const beating = setInterval(() => {
    tellHealth()
    // a session or key may also have come to its end
    recheckAll()
  }, healthIntervalMs)
  return {
    readings(readings) {
      each((client) => client.queueReadings(readings))
      flushSoon()
    },
    status: (status) => each((client) => client.queueStatus(status)),
    command: (progress) => each((client) => client.queueCommand(progress)),
    alertEvents: (events) => each((client) => client.queueAlertEvents(events, clock())),
    alertsChanged: () => each((client) => client.resyncAlerts()),
    resync: () => each((client) => client.resync()),
    close() {
      clearInterval(flushing)
      clearTimeout(due)
      clearInterval(beating)
      io.engine.close()
    },
  }
}

import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import { Server } from 'socket.io'
import type { ClientEvents, ServerEvents } from '#telemetry/live.ts'
import { isFromOtherSite, isOwnOrigin } from '#telemetry/other-sites.ts'
import { ownHosts } from '#telemetry/own-host.ts'
import { RateWindow } from '../limits/rate-window.ts'
import type { ApiMetrics } from '../metrics.ts'
import { answerOtherUpgrades, asksForWebSocket } from '../server/websocket-upgrades.ts'
import type { WebOptions } from '../web-options.ts'
import type { LiveSocketData } from './live-client.ts'

/** connections a minute of one address; a browser that finds nobody tries 30 times a minute */
const maxConnects = { max: 600, windowMs: 60_000, maxKeys: 10_000 }

/** bytes of the largest message a client may send; a subscription that names 5,000 sensors and more fits */
const maxMessageBytes = 524_288

/** messages of one connection in ten seconds, signed in or not: twice the events of a client, for attempts to come in count too */
const maxMessages = { count: 100, perMs: 10_000 }

/** What the connections of the live feed are checked by. */
export interface SocketServerParts {
  http: HttpServer
  metrics: ApiMetrics
  /** the address a request comes from, proxies seen through */
  addressOf: (request: IncomingMessage) => string
  web: Pick<WebOptions, 'publicUrl' | 'allowedHosts'>
}

type SocketServer = Server<ClientEvents, ServerEvents, Record<never, never>, LiveSocketData>

/** Opens socket.io on an HTTP server: who may connect at all, how often, and how much each connection may send. */
export function startSocketServer(parts: SocketServerParts): SocketServer {
  const { http, metrics } = parts
  const mayConnect = connectionFilter(parts)
  const io: SocketServer = new Server(http, {
    serveClient: false,
    maxHttpBufferSize: maxMessageBytes,
    connectTimeout: 10_000,
    allowRequest: (request, done) => done(null, mayConnect(request)),
  })
  answerOtherUpgrades(http, (request) => request.url?.startsWith(`${io.path()}/`) === true && asksForWebSocket(request))
  // over polling a message beyond the largest is answered 413, and the client stays
  io.engine.use((_request: IncomingMessage, response: ServerResponse, next: () => void) => {
    response.once('finish', () => {
      if (response.statusCode === 413) metrics.eventsRefused.inc({ why: 'oversized' })
    })
    next()
  })
  io.engine.on('connection', (connection: RawConnection) => boundMessages(connection, metrics))
  // nobody has business in the default namespace
  const data = { code: 'NOT_FOUND', faults: [{ code: 'NOTHING_AT_ADDRESS', params: {} }] }
  io.use((_socket, next) => next(Object.assign(new Error('use namespace /live'), { data })))
  return io
}

/** Whether a connection may be tried at all: from a page of ours, under a name of ours, and not too often. */
function connectionFilter({ web, addressOf, metrics }: SocketServerParts): (request: IncomingMessage) => boolean {
  const connects = new RateWindow(maxConnects)
  const isOwnHost = ownHosts(web.publicUrl, web.allowedHosts)
  return (request) => {
    const { origin } = request.headers
    // no cross-site request (CSRF): a page of another origin must not use the session's cookie, nor use up what this address may try; who is no browser sends no Origin
    if (!isOwnHost(request) || isFromOtherSite(request, web.publicUrl)) return false
    if (origin !== undefined && !isOwnOrigin(origin, request, web.publicUrl)) return false
    // over http a browser does not say whose page asks for a picture: what names no page is counted apart from our pages' WebSockets
    if (!connects.count(`${origin === undefined ? '' : 'page '}${addressOf(request)}`)) {
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

import { createServer as createHttpServer, type Server as HttpServer, type ServerOptions } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, TLSSocket, type TlsOptions, type Server as TlsServer } from 'node:tls'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { ConfigError } from '#telemetry/errors.ts'
import { plain, shown } from '../diagnostics/safe-text.ts'
import { ownPacketBytes } from '../limits/role-rates.ts'
import { type OriginOptions, originCheck } from './allowed-origins.ts'
import { SilentEnd } from './connection-limits.ts'
import type { TlsFiles, TlsSource } from './tls-source.ts'
import { limitFrames } from './websocket-frames.ts'

/** A listener: its port, and how to close it. */
export interface Listener {
  port: number
  close(): Promise<void>
}

/** What is known of the other end of a connection. */
export interface Peer {
  address: string
  /** common name of its certificate, when it showed one that TLS_CA signed */
  certificate?: string | undefined
}

/** What handles new connections. */
export interface ConnectionHandler {
  /** Whether there is room for this connection; destroys it when not. */
  admit(socket: Socket): boolean
  /** Handles a connection that is ready for MQTT, over `socket` if that was admitted. */
  accept(connection: Duplex, peer: Peer, socket?: Socket): void
  /** Called for a connection that ends for its TLS handshake, a certificate that TLS_CA did not sign, a page of another site, or frames that are not MQTT. */
  handshakeFailed(what: 'tls' | 'certificate' | 'origin' | 'protocol', address: string, why: string): void
}

export interface ListenOptions {
  host: string
  port: number
  /** name of the setting of the port, for messages */
  variable: string
  /** ms after which a connection limit ends a connection without a CONNECT: handshakes of TLS and WebSocket need no shorter bound of their own */
  connectTimeoutMs: number
  tls?: TlsSource | undefined
}

function listening(server: Server | HttpServer, { host, port, variable }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new ConfigError(
          error.code === 'EADDRINUSE'
            ? `${variable} is ${port}: the port is taken on ${host}; choose another with ${variable}, or stop what uses it`
            : `${variable} is ${port} on HOST ${host}: ${error.message}`,
          error,
        ),
      ),
    )
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port)) // a TCP server that listens has one
  })
}

/** From TLS 1.2 on. A client may show a certificate; what a wrong one means is decided after the handshake. */
const secureOptions = ({ cert, key, ca }: TlsFiles): TlsOptions => ({
  ...{ cert, key, minVersion: 'TLSv1.2' },
  ...(ca && { ca, requestCert: true, rejectUnauthorized: false }),
})

/** Uses changed certificate files, and reports handshakes that fail. */
function secure(server: TlsServer, source: TlsSource, handler: ConnectionHandler): void {
  source.onChange((files) => server.setSecureContext(secureOptions(files)))
  server.on('tlsClientError', (error, socket) => {
    if (!(error instanceof SilentEnd)) handler.handshakeFailed('tls', socket.remoteAddress ?? '', error.message)
    socket.destroy() // after a timeout node leaves that to us
  })
}

/** The other end of a connection; undefined when its certificate is not trusted. */
function peerOf(socket: Socket, handler: ConnectionHandler): Peer | undefined {
  const address = socket.remoteAddress ?? ''
  if (!(socket instanceof TLSSocket)) return { address }
  const { subject } = socket.getPeerCertificate()
  if (!subject) return { address }
  if (socket.authorized && typeof subject.CN === 'string') return { address, certificate: subject.CN }
  handler.handshakeFailed('certificate', address, String(socket.authorizationError ?? 'it has no common name'))
  return undefined
}

/** Counts the connections of a server from their first byte on; the function it answers ends them. */
function counted(server: Server | HttpServer, handler: ConnectionHandler): () => void {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    if (!handler.admit(socket)) return
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}

/** MQTT over TCP, or over TLS. */
export async function listenMqtt(handler: ConnectionHandler, options: ListenOptions): Promise<Listener> {
  const { tls, connectTimeoutMs } = options
  const accept = (socket: Socket) => {
    const peer = socket.destroyed ? undefined : peerOf(socket, handler)
    if (peer) handler.accept(socket, peer, socket)
    else socket.destroy()
  }
  // without TLS a connection is accepted as soon as it is counted, hence in this order
  const server = tls
    ? createTlsServer({ ...secureOptions(tls.current), handshakeTimeout: 2 * connectTimeoutMs, noDelay: true }, accept)
    : createServer({ noDelay: true })
  const destroyAll = counted(server, handler)
  if (tls)
    secure(server as TlsServer, tls, handler) // made just above
  else server.on('connection', accept)
  return {
    port: await listening(server, options),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        destroyAll()
      }),
  }
}

/** What MQTT is called within a WebSocket: since 3.1.1, and by clients of 3.1 and older libraries. */
const subprotocols = ['mqtt', 'mqttv3.1']

/** MQTT over WebSocket (subprotocol `mqtt` or `mqttv3.1`), or over WebSocket with TLS. Pages of other sites are answered 403. */
export async function listenWebSocket(
  handler: ConnectionHandler,
  options: ListenOptions & { maxPacketBytes: number; pages: OriginOptions },
): Promise<Listener> {
  const { maxPacketBytes, connectTimeoutMs, tls } = options
  const isOurs = originCheck(options.pages)
  const timeouts: ServerOptions = { headersTimeout: 2 * connectTimeoutMs, requestTimeout: 2 * connectTimeoutMs }
  const http = tls
    ? createHttpsServer({ ...timeouts, ...secureOptions(tls.current), handshakeTimeout: 2 * connectTimeoutMs })
    : createHttpServer(timeouts)
  if (tls) secure(http as TlsServer, tls, handler) // made just above
  http.on('request', (_request, response) => response.writeHead(426, { connection: 'close' }).end('WebSocket only\n'))
  http.on('clientError', (_error, socket: Duplex) => socket.destroy())
  const destroyAll = counted(http, handler)
  const sockets = new WebSocketServer({
    server: http,
    autoPong: false, // limitFrames answers
    maxFragments: 1_024,
    skipUTF8Validation: true, // text is refused whatever it says
    // a part of the platform may send more than others; whose frame it is, is not known yet, and the length of the packet is checked later
    maxPayload: Math.max(maxPacketBytes, ownPacketBytes) + 5,
    verifyClient({ req: request }, answer) {
      if (isOurs(request)) return answer(true)
      const { headers, socket } = request
      const [origin, host] = [headers.origin, headers.host].map((text = '') => plain(text, shown.topic))
      const why = `a page of ${origin} that asks for ${host} is of another site (PUBLIC_URL and ALLOWED_HOSTS name ours)`
      handler.handshakeFailed('origin', socket.remoteAddress ?? '', why)
      answer(false, 403, 'a page of another site')
    },
    handleProtocols: (offered) => subprotocols.find((name) => offered.has(name)) ?? false,
  })
  sockets.on('error', () => {}) // the HTTP server's own error handler reports it
  sockets.on('connection', (socket, request) => {
    const peer = peerOf(request.socket, handler)
    if (!peer) return socket.terminate()
    const connection = createWebSocketStream(socket)
    limitFrames(socket, (why) => handler.handshakeFailed('protocol', peer.address, why))
    // it stays open for writing when the other end is gone and all that came from there is read
    connection.once('end', () => connection.destroy())
    handler.accept(connection, peer, request.socket)
  })
  return {
    port: await listening(http, options),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate()
        http.close(() => resolve())
        destroyAll()
      }),
  }
}

import { createServer as createHttpServer, type Server as HttpServer, type ServerOptions } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, TLSSocket, type TlsOptions, type Server as TlsServer } from 'node:tls'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { ConfigError } from '#telemetry/errors.ts'
import { plain, shown } from '../diagnostics/refusal-words.ts'
import { ownPacketBytes } from '../limits/role-rates.ts'
import { type OriginOptions, originCheck } from './allowed-origins.ts'
import { SilentEnd } from './connection-limits.ts'
import { limitFrames } from './websocket-frames.ts'

/** Where a listener ended up, and how to end it. */
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

/** What takes new connections. */
export interface Reception {
  /** Whether there is room for this connection; destroys it when not. */
  admit(socket: Socket): boolean
  /** Takes a connection that is ready to speak MQTT, over `socket` if that was admitted. */
  accept(connection: Duplex, peer: Peer, socket?: Socket): void
  /** Is told of a connection that ends for its TLS handshake, a certificate that TLS_CA did not sign, a page of another site, or frames that are not MQTT's. */
  failed(what: 'tls' | 'certificate' | 'origin' | 'protocol', address: string, why: string): void
}

/** Certificate and key, the authority of clients' certificates if they are asked for, and what follows them when files change. */
export interface TlsSource {
  readonly current: TlsFiles
  onChange(listener: (files: TlsFiles) => void): void
}

interface TlsFiles {
  cert: Buffer
  key: Buffer
  ca?: Buffer
  /** epoch ms */
  expiresAt: number
}

export interface ListenOptions {
  host: string
  port: number
  /** name of the setting of the port, for messages */
  variable: string
  /** ms after which the reception ends a connection without a CONNECT: handshakes of TLS and WebSocket need no shorter bound of their own */
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

/** Follows changed files, and tells of handshakes that fail. */
function secure(server: TlsServer, source: TlsSource, reception: Reception): void {
  source.onChange((files) => server.setSecureContext(secureOptions(files)))
  server.on('tlsClientError', (error, socket) => {
    if (!(error instanceof SilentEnd)) reception.failed('tls', socket.remoteAddress ?? '', error.message)
    socket.destroy() // after a timeout node leaves that to us
  })
}

/** Who is at the other end; undefined when its certificate is not to be trusted. */
function peerOf(socket: Socket, reception: Reception): Peer | undefined {
  const address = socket.remoteAddress ?? ''
  if (!(socket instanceof TLSSocket)) return { address }
  const { subject } = socket.getPeerCertificate()
  if (!subject) return { address }
  if (socket.authorized && typeof subject.CN === 'string') return { address, certificate: subject.CN }
  reception.failed('certificate', address, String(socket.authorizationError ?? 'it has no common name'))
  return undefined
}

/** Counts the connections of a server from their first byte on; the function it answers ends them. */
function counted(server: Server | HttpServer, reception: Reception): () => void {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    if (!reception.admit(socket)) return
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}

/** MQTT over TCP, or over TLS. */
export async function listenMqtt(reception: Reception, options: ListenOptions): Promise<Listener> {
  const { tls, connectTimeoutMs } = options
  const take = (socket: Socket) => {
    const peer = socket.destroyed ? undefined : peerOf(socket, reception)
    if (peer) reception.accept(socket, peer, socket)
    else socket.destroy()
  }
  // without TLS a connection is taken as soon as it is counted, hence in this order
  const server = tls
    ? createTlsServer({ ...secureOptions(tls.current), handshakeTimeout: 2 * connectTimeoutMs, noDelay: true }, take)
    : createServer({ noDelay: true })
  const endAll = counted(server, reception)
  if (tls)
    secure(server as TlsServer, tls, reception) // made just above
  else server.on('connection', take)
  return {
    port: await listening(server, options),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        endAll()
      }),
  }
}

/** What MQTT is called within a WebSocket: since 3.1.1, and by clients of 3.1 and older libraries. */
const subprotocols = ['mqtt', 'mqttv3.1']

/** MQTT over WebSocket (subprotocol `mqtt` or `mqttv3.1`), or over WebSocket with TLS. Pages of other sites are answered 403. */
export async function listenWebSocket(
  reception: Reception,
  options: ListenOptions & { maxPacketBytes: number; pages: OriginOptions },
): Promise<Listener> {
  const { maxPacketBytes, connectTimeoutMs, tls } = options
  const isOurs = originCheck(options.pages)
  const timeouts: ServerOptions = { headersTimeout: 2 * connectTimeoutMs, requestTimeout: 2 * connectTimeoutMs }
  const http = tls
    ? createHttpsServer({ ...timeouts, ...secureOptions(tls.current), handshakeTimeout: 2 * connectTimeoutMs })
    : createHttpServer(timeouts)
  if (tls) secure(http as TlsServer, tls, reception) // made just above
  http.on('request', (_request, response) => response.writeHead(426, { connection: 'close' }).end('WebSocket only\n'))
  http.on('clientError', (_error, socket: Duplex) => socket.destroy())
  const endAll = counted(http, reception)
  const sockets = new WebSocketServer({
    server: http,
    autoPong: false, // limitFrames answers
    maxFragments: 1_024,
    skipUTF8Validation: true, // text is refused whatever it says
    // a part of the platform may send more than others; whose frame it is, is not known yet, and a packet is looked at behind it
    maxPayload: Math.max(maxPacketBytes, ownPacketBytes) + 5,
    verifyClient({ req: request }, answer) {
      if (isOurs(request)) return answer(true)
      const { headers, socket } = request
      const [origin, host] = [headers.origin, headers.host].map((text = '') => plain(text, shown.topic))
      const why = `a page of ${origin} that asks for ${host} is of another site (PUBLIC_URL and ALLOWED_HOSTS name ours)`
      reception.failed('origin', socket.remoteAddress ?? '', why)
      answer(false, 403, 'a page of another site')
    },
    handleProtocols: (offered) => subprotocols.find((name) => offered.has(name)) ?? false,
  })
  sockets.on('error', () => {}) // the HTTP server's own error handler reports it
  sockets.on('connection', (socket, request) => {
    const peer = peerOf(request.socket, reception)
    if (!peer) return socket.terminate()
    const connection = createWebSocketStream(socket)
    limitFrames(socket, (why) => reception.failed('protocol', peer.address, why))
    // it stays open for writing when the other end is gone and all that came from there is read
    connection.once('end', () => connection.destroy())
    reception.accept(connection, peer, request.socket)
  })
  return {
    port: await listening(http, options),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate()
        http.close(() => resolve())
        endAll()
      }),
  }
}

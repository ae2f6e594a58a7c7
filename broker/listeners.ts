import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { ConfigError } from '#telemetry/errors.ts'

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
  /** Takes a connection that is ready to speak MQTT. */
  accept(connection: Duplex, peer: Peer): void
}

const peerOf = (socket: Socket): Peer => ({ address: socket.remoteAddress ?? '' })

async function listen(server: Server | HttpServer, host: string, port: number, variable: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
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
    server.listen(port, host, resolve)
  })
  return (server.address() as AddressInfo).port // a TCP server that listens has an AddressInfo
}

/** MQTT over TCP. */
export async function listenTcp(reception: Reception, host: string, port: number): Promise<Listener> {
  const sockets = new Set<Duplex>()
  const server = createServer({ noDelay: true }, (socket) => {
    if (!reception.admit(socket)) return
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    reception.accept(socket, peerOf(socket))
  })
  return {
    port: await listen(server, host, port, 'MQTT_PORT'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** MQTT over WebSocket (subprotocol `mqtt`). */
export async function listenWebSocket(
  reception: Reception,
  host: string,
  port: number,
  options: { maxPacketBytes: number; connectTimeoutMs: number },
): Promise<Listener> {
  const { maxPacketBytes, connectTimeoutMs } = options
  const timeouts = {
    headersTimeout: connectTimeoutMs,
    requestTimeout: connectTimeoutMs,
    connectionsCheckingInterval: 1_000,
  }
  const http = createHttpServer(timeouts, (_request, response) =>
    response.writeHead(426, { connection: 'close' }).end('WebSocket only\n'),
  )
  http.on('connection', (socket) => reception.admit(socket))
  const sockets = new WebSocketServer({
    server: http,
    maxPayload: maxPacketBytes + 5,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  })
  sockets.on('error', () => {}) // the HTTP server's own error handler reports it
  sockets.on('connection', (socket, request) => reception.accept(createWebSocketStream(socket), peerOf(request.socket)))
  return {
    port: await listen(http, host, port, 'MQTT_WS_PORT'),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate()
        http.close(() => resolve())
      }),
  }
}

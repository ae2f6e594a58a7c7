import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Server as SecureServer } from 'node:tls'

type UpgradeListener = (request: IncomingMessage, socket: Socket, head: Buffer) => void

/** headers of a request that Node parses, unless its server has another bound */
const usualHeadersCount = 1_000

/** Sent as Node does when the headers are too many bytes. */
const tooManyHeaders = 'HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n'

/** Headers about the upgrade of this connection only. */
const ofUpgrade: ReadonlySet<string> = new Set(['upgrade', 'http2-settings'])

const tokensOf = (value: string) => value.split(',').map((token) => token.trim())

/** The request's first line and headers as they came, without what asks for an upgrade. */
function headWithoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    const value = rawHeaders[at + 1] ?? ''
    if (ofUpgrade.has(name.toLowerCase())) continue
    if (name.toLowerCase() !== 'connection') lines.push(`${name}: ${value}`)
    else {
      const left = tokensOf(value).filter((token) => !ofUpgrade.has(token.toLowerCase()))
      if (left.length > 0) lines.push(`${name}: ${left.join(', ')}`)
    }
  }
  // Node reads them as Latin-1, byte by byte
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

/**
 * Answers a request for an upgrade that is not supported here as one without it (RFC 9110, 7.8): Java's HttpClient and `curl --http2` ask for
 * h2c with their first request, bodies included, and go on over HTTP/1.1. Node gives the whole connection to who listens for upgrades and
 * reads it no more, so it is given back as if it were new, the request first.
 * @param isSupported whether those who listened so far take this upgrade
 */
export function answerOtherUpgrades(server: Server, isSupported: (request: IncomingMessage) => boolean): void {
  // what `server` emitted for this connection when it was new, and reads it with
  const opened = server instanceof SecureServer ? 'secureConnection' : 'connection'
  /** the last answer that a connection still waits for */
  const unanswered = new WeakMap<Socket, ServerResponse>()
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    unanswered.set(socket, response)
    response.once('close', () => {
      if (unanswered.get(socket) === response) unanswered.delete(socket)
    })
  })
  const readOn: UpgradeListener = (request, socket, head) => {
    // Node listens to its errors no more; a connection that has ended may still emit one
    const failed = () => socket.destroy()
    socket.on('error', failed)
    const goOn = () => {
      if (socket.destroyed || !socket.writable) {
        socket.destroy()
        return
      }
      // one that is left out may say where the body ends
      if (request.rawHeaders.length >= 2 * (server.maxHeadersCount ?? usualHeadersCount)) {
        socket.end(tooManyHeaders, () => socket.destroy())
        return
      }
      socket.setTimeout(0) // that of an idle connection, once an answer before it was given
      socket.unshift(Buffer.concat([headWithoutUpgrade(request), head]))
      server.emit(opened, socket)
      socket.removeListener('error', failed)
    }
    // answers go out in order
    const before = unanswered.get(socket)
    if (before) before.once('close', goOn)
    else goOn()
  }
  const supportedListeners = server.listeners('upgrade') as UpgradeListener[] // of this event
  server.removeAllListeners('upgrade')
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (!isSupported(request)) readOn(request, socket, head)
    else for (const listener of supportedListeners) listener.call(server, request, socket, head)
  })
}

/** Whether a request asks for a WebSocket. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return tokensOf(headers.upgrade ?? '').some((token) => token.toLowerCase() === 'websocket')
}

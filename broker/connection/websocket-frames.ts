import type { WebSocket } from 'ws'
import { TokenBucket } from '../limits/token-bucket.ts'

/** ms in which the other end may answer that the WebSocket is closed */
const closeMs = 1_000
/** close code of a type of data that is not accepted (RFC 6455, section 7.4.1) */
const unsupportedData = 1_003
/** frames without anything in them for MQTT, a second and at once: the rates of packets and bytes do not see them */
const idleFrames = { perSecond: 10, atOnce: 100 }

/**
 * Bounds what MQTT does not see of a WebSocket. A frame of text is not MQTT (MQTT-6.0.0-1): it closes, and its stream gets nothing more. Pings
 * are answered, but very many of them, pongs or empty frames end the connection.
 */
export function limitFrames(socket: WebSocket, refused: (why: string) => void): void {
  const [push] = socket.listeners('message')
  const idle = new TokenBucket(idleFrames.perSecond, idleFrames.atOnce, performance.now())
  let isRefused = false
  const isTooMany = () => {
    if (isRefused || idle.tryConsume(performance.now())) return isRefused
    isRefused = true
    refused('too many WebSocket frames that hold nothing')
    socket.terminate()
    return true
  }
  socket.removeAllListeners('message')
  socket.on('message', (data: Buffer, isBinary) => {
    if (isRefused) return
    if (isBinary) {
      if (data.length > 0 || !isTooMany()) push?.call(socket, data, isBinary)
      return
    }
    isRefused = true
    refused('a WebSocket frame of text (MQTT-6.0.0-1)')
    socket.close(unsupportedData, 'MQTT is binary')
    const late = setTimeout(() => socket.terminate(), closeMs)
    socket.once('close', () => clearTimeout(late))
  })
  socket.on('ping', (data) => {
    if (!isTooMany() && socket.readyState === socket.OPEN) socket.pong(data)
  })
  socket.on('pong', isTooMany)
}

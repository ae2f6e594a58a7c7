import type { Duplex } from 'node:stream'

/**
 * Follows the bytes of one MQTT connection from fixed header to fixed header. Answers the length that a packet announces
 * once it is over `maxBytes`, undefined as long as all is well.
 */
export function packetMeter(maxBytes: number): (chunk: Buffer) => number | undefined {
  let left = 0
  let shift = -1
  let length = 0
  return (chunk) => {
    let at = 0
    while (at < chunk.length) {
      if (left > 0) {
        const taken = Math.min(left, chunk.length - at)
        left -= taken
        at += taken
      } else if (shift < 0) {
        shift = 0
        length = 0
        at++
      } else {
        const byte = chunk[at++] ?? 0
        length += (byte & 127) * 2 ** shift
        shift += 7
        if (length > maxBytes || shift > 28) return length
        if (byte < 128) {
          left = length
          shift = -1
        }
      }
    }
    return undefined
  }
}

/**
 * Ends a connection as soon as a packet's fixed header announces more than `maxBytes`, before the packet is buffered
 * (Aedes has no such limit: moscajs/aedes#1086). Aedes takes bytes by `read()`, so the check stands there and costs no
 * stream of its own.
 */
export function limitPackets(connection: Duplex, maxBytes: number, refused: (length: number) => void): Duplex {
  const overLimit = packetMeter(maxBytes)
  const read = connection.read.bind(connection)
  connection.read = (size?: number) => {
    const chunk: Buffer | null = read(size)
    const length = chunk === null ? undefined : overLimit(chunk)
    if (length === undefined) return chunk
    refused(length)
    connection.destroy()
    return null
  }
  return connection
}

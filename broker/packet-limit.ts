/**
 * Follows the bytes of one MQTT connection from fixed header to fixed header, telling `counted` of each. Answers the
 * length that a packet announces once it is over `maxBytes` (the first packet: over `maxFirst`), undefined as long as all is well.
 */
export function packetMeter(
  maxBytes: number,
  { counted = () => {}, maxFirst = maxBytes }: { counted?: () => void; maxFirst?: number } = {},
): (chunk: Buffer) => number | undefined {
  let most = maxFirst
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
        if (length > most || shift > 28) return length
        if (byte < 128) {
          counted()
          most = maxBytes
          left = length
          shift = -1
        }
      }
    }
    return undefined
  }
}

/** most bytes of a fixed header (MQTT 3.1.1, section 2.2) */
export const maxHeaderBytes = 5

/** Bytes of the fixed header of the packet at `at`, which is there as a whole. */
export function headerLength(bytes: Uint8Array, at: number): number {
  let next = at + 1
  while ((bytes[next] ?? 0) > 127) next++
  return next + 1 - at
}

/**
 * Bytes of the packet at `at`, fixed header included, as that header announces; undefined while not all of the header
 * is there. Infinity when the length has more digits than it may.
 */
export function packetLength(bytes: Uint8Array, at: number): number | undefined {
  let length = 0
  let unit = 1
  for (let next = at + 1; next < at + maxHeaderBytes; next++) {
    const digit = bytes[next]
    if (digit === undefined) return undefined
    length += (digit & 127) * unit
    if (digit < 128) return next + 1 - at + length
    unit *= 128
  }
  return Number.POSITIVE_INFINITY
}

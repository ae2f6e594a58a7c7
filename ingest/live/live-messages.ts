import type { LiveReading } from '#telemetry/live.ts'

/** most bytes of one message: well below what a broker takes at once */
const maxBytes = 65_536

/** Readings as payloads on a live topic, JSON arrays, as many as it takes for none to be larger than `limit` bytes. */
export function encodeLiveMessages(readings: readonly LiveReading[], limit = maxBytes): string[] {
  const messages: string[] = []
  let parts: string[] = []
  let bytes = 1
  const end = () => {
    if (parts.length > 0) messages.push(`[${parts.join(',')}]`)
    parts = []
    bytes = 1
  }
  for (const { reading, arrivedAt } of readings) {
    const part = JSON.stringify({ reading, arrivedAt })
    const size = Buffer.byteLength(part) + 1
    if (bytes + size > limit) end()
    parts.push(part)
    bytes += size
  }
  end()
  return messages
}

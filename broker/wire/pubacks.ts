/** Encodes the PUBACK (MQTT 3.1.1, section 3.4) of each of these message ids, as one piece. */
export function encodePubacks(messageIds: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(messageIds.length * 4)
  for (const [index, id] of messageIds.entries()) {
    bytes.writeUInt16BE(0x4002, index * 4)
    bytes.writeUInt16BE(id, index * 4 + 2)
  }
  return bytes
}

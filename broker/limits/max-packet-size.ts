import type { Logger } from 'pino'

/**
 * Largest packet that is accepted, bytes. A reading that the journal will never accept must not come in: a packet is refused by the length in
 * its header, before it is read. Warns when the journal accepts less than MAX_PACKET_BYTES allows.
 * @param maxMessageBytes of a topic and its payload that the journal accepts; undefined when it has no bound
 */
export function maxPacketSize(maxPacketBytes: number, maxMessageBytes: number | undefined, log: Logger): number {
  if (maxMessageBytes === undefined || maxMessageBytes >= maxPacketBytes) return maxPacketBytes
  log.warn(
    `MAX_PACKET_BYTES is ${maxPacketBytes}, but the journal takes messages of at most ${maxMessageBytes} bytes: larger packets are refused; raise max_payload of nats-server, or lower MAX_PACKET_BYTES`,
  )
  return maxMessageBytes
}

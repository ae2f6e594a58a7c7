import type { Packet } from 'mqtt-packet'
import { isFilter, isText } from './topic-fault.ts'

/** most filters of one packet, each of which costs as much as a message */
const maxFilters = 1_000

/** How many messages' worth of work a packet is. */
export function packetWeight(packet: Packet): number {
  if (packet.cmd === 'subscribe') return packet.subscriptions.length
  return packet.cmd === 'unsubscribe' ? packet.unsubscriptions.length : 1
}

/** What the filters of a SUBSCRIBE or UNSUBSCRIBE break. */
function filtersFault(filters: readonly string[]): string | undefined {
  if (filters.length === 0) return 'it names no topic filter (MQTT-3.8.3-3, MQTT-3.10.3-2)'
  if (filters.length > maxFilters) return `more than ${maxFilters} topic filters`
  if (filters.some((filter) => filter === '')) return 'a topic filter is empty (MQTT-4.7.3-1)'
  if (!filters.every(isText)) return 'a topic filter is not UTF-8, or has U+0000 (MQTT-1.5.3-1, -2)'
  return filters.every(isFilter) ? undefined : 'a wildcard is where it may not be (MQTT-4.7.1-2, -3)'
}

/** What a client's packet breaks of MQTT 3.1.1 that neither the parser nor Aedes checks, for which the connection must be closed; undefined when nothing. */
export function packetFault(packet: Packet): string | undefined {
  switch (packet.cmd) {
    case 'publish':
      if (packet.qos === 0 && packet.dup) return 'QoS 0, and said to be sent again (MQTT-3.3.1-2)'
      if (packet.qos > 0 && !packet.messageId) return 'a message id of 0 (MQTT-2.3.1-1)'
      return isText(packet.topic) ? undefined : 'the topic is not UTF-8, or has U+0000 (MQTT-1.5.3-1, -2)'
    case 'subscribe':
      if (!packet.messageId) return 'a message id of 0 (MQTT-2.3.1-1)'
      return filtersFault(packet.subscriptions.map(({ topic }) => topic))
    case 'unsubscribe':
      if (!packet.messageId) return 'a message id of 0 (MQTT-2.3.1-1)'
      return filtersFault(packet.unsubscriptions)
    default:
      return undefined
  }
}

import type { Client } from 'aedes'
import type { Packet } from 'mqtt-packet'
import { aedesClient } from '../aedes/aedes-client.ts'

/**
 * Checks each packet before Aedes handles it. One with a fault is reported to `refused`, and reaches Aedes as a packet of a type that it does not
 * know: it closes the connection, and does nothing else.
 */
export function checkPackets(
  client: Client,
  faultOf: (packet: Packet) => string | undefined,
  refused: (client: Client, fault: string) => void,
): void {
  aedesClient(client)._parser.prependListener('packet', (packet: Packet) => {
    const fault = faultOf(packet)
    if (fault === undefined) return
    refused(client, fault)
    Object.assign(packet, { cmd: 'refused' })
  })
}

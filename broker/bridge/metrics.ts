import { Counter, Gauge, type Registry } from 'prom-client'

/** What the bridge counts. */
export function bridgeMetrics(registry: Registry) {
  const registers = [registry]
  return {
    connected: new Gauge({
      name: 'nhip_bridge_connected',
      help: '1 while the outside broker is there and has granted the subscription',
      registers,
    }),
    readings: new Counter({ name: 'nhip_bridge_journaled_total', help: 'messages put in the journal', registers }),
    acknowledged: new Counter({
      name: 'nhip_bridge_acknowledged_total',
      help: 'messages acknowledged to the outside broker',
      registers,
    }),
    refused: new Counter({
      name: 'nhip_bridge_refused_total',
      help: 'messages the journal will never take, left unacknowledged at the outside broker',
      registers,
    }),
    retries: new Counter({ name: 'nhip_bridge_journal_retries_total', help: 'appends tried again', registers }),
    held: new Gauge({ name: 'nhip_bridge_held_bytes', help: 'bytes that wait for the journal (bounded)', registers }),
    heldMessages: new Gauge({
      name: 'nhip_bridge_held_messages',
      help: 'messages that wait for the journal (bounded)',
      registers,
    }),
  }
}
export type BridgeMetrics = ReturnType<typeof bridgeMetrics>

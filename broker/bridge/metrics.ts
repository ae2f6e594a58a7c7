import { Counter, Gauge, type Registry } from 'prom-client'

/** What the bridge counts. */
export function bridgeMetrics(registry: Registry) {
  const registers = [registry]
  return {
    connected: new Gauge({ name: 'nhip_bridge_connected', help: '1 while the outside broker is there', registers }),
    readings: new Counter({ name: 'nhip_bridge_journaled_total', help: 'messages put in the journal', registers }),
    retries: new Counter({ name: 'nhip_bridge_journal_retries_total', help: 'appends tried again', registers }),
    held: new Gauge({ name: 'nhip_bridge_held_bytes', help: 'bytes that wait for the journal (bounded)', registers }),
  }
}
export type BridgeMetrics = ReturnType<typeof bridgeMetrics>

import { Readable } from 'node:stream'
import type { RetainedPacket, SessionStore } from '../aedes/session-store.ts'
import { matches } from '../wire/filter-match.ts'

/** topics that are looked at in one go */
const sliceSize = 2_000

/**
 * Finds retained messages of a filter without wildcards, the only ones that a device may have, at once; Aedes tries each filter on every
 * topic, so that one device that subscribes again and again took the time of all. Topics that begin with `$` are kept from filters that begin
 * with a wildcard (MQTT-4.7.2-1). Others have their turn while many topics are looked at.
 */
export function indexRetained(store: SessionStore): void {
  const retained = new Map<string, RetainedPacket>()
  store.storeRetained = async (packet) => {
    if (packet.payload.length === 0) retained.delete(packet.topic)
    else retained.set(packet.topic, { ...packet })
  }
  store.createRetainedStreamCombi = (filters) => Readable.from(found(retained, filters))
}

async function* found(retained: ReadonlyMap<string, RetainedPacket>, filters: readonly string[]) {
  for (const filter of filters) {
    const same = retained.get(filter)
    if (!/[+#]/.test(filter)) {
      if (same) yield same
      continue
    }
    let looked = 0
    for (const [topic, packet] of retained) {
      if (matches(filter, topic)) yield packet
      looked += 1
      if (looked % sliceSize === 0) await new Promise(setImmediate)
    }
  }
}

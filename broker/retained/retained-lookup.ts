import { Readable } from 'node:stream'
import type { RetainedPacket, SessionStore } from '../aedes/session-store.ts'
import { matches } from '../wire/filter-match.ts'

/** topics that are compared without a pause */
const sliceSize = 2_000

/**
 * Finds the retained message of a filter without wildcards, the only ones that a device may have, at once; Aedes compares each filter with
 * every topic, so that one device that subscribed again and again delayed all others. Topics that begin with `$` are hidden from filters that
 * begin with a wildcard (MQTT-4.7.2-1). Other work has its turn while many topics are compared.
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
    let compared = 0
    for (const [topic, packet] of retained) {
      if (matches(filter, topic)) yield packet
      compared += 1
      if (compared % sliceSize === 0) await new Promise(setImmediate)
    }
  }
}

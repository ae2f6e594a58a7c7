import { eventPages } from '#storage/event-pages.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { quarantinedSchema } from '#telemetry/rest.ts'

/** entries read at once */
const pageSize = 500

/** Removes the oldest entries of the quarantine beyond so many characters of payload; answers how many are kept. */
export async function trimBytes(store: TelemetryStore, maxBytes: number): Promise<number> {
  let bytes = 0
  for await (const page of eventPages(store, { stream: 'quarantine', pageSize }))
    for (const { ts, body } of page) {
      const length = quarantinedSchema.safeParse(body).data?.payload.length ?? 0
      if (bytes + length > maxBytes) {
        await store.trimEvents('quarantine', ts + 1)
        return bytes
      }
      bytes += length
    }
  return bytes
}

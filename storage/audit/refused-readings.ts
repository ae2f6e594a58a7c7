import { z } from 'zod'
import { timestampSchema } from '#telemetry/reading.ts'
import { quarantinedSchema } from '#telemetry/rest.ts'
import { parseSensorTopic } from '#telemetry/topics.ts'
import { eventPages } from '../event-pages.ts'
import type { TelemetryStore } from '../store.ts'
import type { Identity } from './comparison.ts'

/** All that is needed of a refused reading: its other values are what may be wrong with it. */
const timed = z.object({ ts: timestampSchema })

/** Readings that were acknowledged and then refused: those in quarantine whose topic and time can be read, in pages. */
export async function* refusedReadings(store: Pick<TelemetryStore, 'readEvents'>): AsyncGenerator<Identity[]> {
  for await (const page of eventPages(store, { stream: 'quarantine' }))
    yield page.flatMap(({ body }) => identitiesIn(body))
}

function identitiesIn(body: unknown): Identity[] {
  const { data: entry } = quarantinedSchema.safeParse(body)
  const of = entry && parseSensorTopic(entry.topic)
  if (!of) return []
  const { kind, sensor } = of
  const message = parsed(entry.payload)
  const items: unknown[] = Array.isArray(message) ? message : [message]
  return items.flatMap((item) => {
    const { data } = timed.safeParse(item)
    return data ? [{ kind, sensor, ts: data.ts }] : []
  })
}

/** Undefined for what is no JSON, such as a payload of which only the beginning was kept. */
function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload)
  } catch {
    return undefined
  }
}

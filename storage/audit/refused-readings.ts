import { measuredTimes } from '#telemetry/measured-times.ts'
import { notKeptCode, quarantinedSchema } from '#telemetry/rest.ts'
import { parseSensorTopic } from '#telemetry/topics.ts'
import { eventPages } from '../event-pages.ts'
import type { TelemetryStore } from '../store.ts'
import type { Identity } from './comparison.ts'

/** A page of what was acknowledged and then refused. */
interface RefusedPage {
  /** those whose topic and time can be read */
  readings: Identity[]
  /** how many messages are counted alone: there was no room for them */
  notKept: number
}

/** Readings that were acknowledged and then refused: those in quarantine, and how many it had no room for, in pages. */
export async function* refusedReadings(store: Pick<TelemetryStore, 'readEvents'>): AsyncGenerator<RefusedPage> {
  for await (const page of eventPages(store, { stream: 'quarantine' }))
    yield {
      readings: page.flatMap(({ body }) => identitiesIn(body)),
      notKept: page.reduce((sum, { body }) => sum + notKeptIn(body), 0),
    }
}

function notKeptIn(body: unknown): number {
  const { data: entry } = quarantinedSchema.safeParse(body)
  return entry?.code === notKeptCode ? entry.count : 0
}

function identitiesIn(body: unknown): Identity[] {
  const { data: entry } = quarantinedSchema.safeParse(body)
  const of = entry && parseSensorTopic(entry.topic)
  if (!entry || of?.channel !== 'reading') return []
  const { kind, sensor } = of
  return measuredTimes(entry.payload).map((ts) => ({ kind, sensor, ts }))
}

import { measuredTimes } from '#telemetry/measured-times.ts'
import { notKeptCode, type Quarantined, quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import { timesByTopic } from '#telemetry/times-by-topic.ts'
import { parseSensorTopic } from '#telemetry/topics.ts'
import { paginateEvents } from '../event-pagination.ts'
import type { TelemetryStore } from '../store.ts'
import type { Identity } from './comparison.ts'

/** A page of what was acknowledged and then refused. */
interface RefusedPage {
  /** in quarantine, those whose topic and time can be read */
  readings: Identity[]
  /** known from quarantine alone, for there was no room for them */
  notKept: Identity[]
  /** how many messages there was no room for whose times are not known */
  unlisted: number
}

/** Readings that were acknowledged and then refused: those in quarantine, and those it had no room for, in pages. */
export async function* refusedReadings(store: Pick<TelemetryStore, 'readEvents'>): AsyncGenerator<RefusedPage> {
  for await (const events of paginateEvents(store, { stream: 'quarantine' })) {
    const page: RefusedPage = { readings: [], notKept: [], unlisted: 0 }
    for (const { body } of events) {
      const { data: entry } = quarantinedSchema.safeParse(body)
      if (!entry) continue
      if (entry.code !== notKeptCode) page.readings.push(...identities(entry.topic, measuredTimes(entry.payload)))
      else addNotKept(entry, page)
    }
    yield page
  }
}

function addNotKept({ payload, count }: Quarantined, page: RefusedPage): void {
  let listed = 0
  for (const [topic, times] of timesByTopic(payload)) {
    page.notKept.push(...identities(topic, times))
    listed += times.length
  }
  page.unlisted += Math.max(0, count - listed)
}

function identities(topic: string, times: readonly number[]): Identity[] {
  const of = parseSensorTopic(topic)
  if (of?.channel !== 'reading') return []
  const { kind, sensor } = of
  return times.map((ts) => ({ kind, sensor, ts }))
}

import type { QueryContext } from '#storage/query-context.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { hourMs } from '#telemetry/durations.ts'
import type { Kind } from '#telemetry/kinds.ts'
import { sensorTopic } from '#telemetry/topics.ts'

/** ms: refused messages of one sensor are counted in these, of which every hour of a clock is made up */
const countedMs = hourMs / 4
/** sensors whose refused messages are counted one by one; of more, those of all are looked at */
const maxSensorsAsked = 20

interface RefusedQuery {
  sensors: readonly { id: string; kind: Kind; district: string }[]
  /** epoch ms */
  from: number
  to: number
  /** refused messages that are looked at */
  most: number
}

/** How many messages of a sensor did not validate, at what times (epoch ms). */
export type Refused = ReadonlyMap<string, readonly { ts: number; amount: number }[]>

const topicOf = ({ id, kind, district }: RefusedQuery['sensors'][number]) =>
  sensorTopic({ district, kind, sensor: id, channel: 'reading' })

/** Messages that did not validate, by sensor; undefined when there are too many to look at. */
export async function readRefused(
  store: Pick<TelemetryStore, 'eventAmounts' | 'eventHeads'>,
  { sensors, from, to, most }: RefusedQuery,
  context?: QueryContext,
): Promise<Refused | undefined> {
  const found = new Map<string, { ts: number; amount: number }[]>()
  if (sensors.length <= maxSensorsAsked) {
    for (const sensor of sensors) {
      const query = { stream: 'quarantine', subject: topicOf(sensor), from, to, window: countedMs } as const
      found.set(sensor.id, await store.eventAmounts(query, context))
    }
    return found
  }
  const heads = await store.eventHeads({ stream: 'quarantine', from, to, limit: most + 1 }, context)
  if (heads.length > most) return undefined
  const byTopic = new Map(sensors.map((sensor) => [topicOf(sensor), sensor.id]))
  for (const { subject, ts, amount } of heads) {
    const id = byTopic.get(subject)
    if (id === undefined) continue
    const held = found.get(id)
    if (held) held.push({ ts, amount })
    else found.set(id, [{ ts, amount }])
  }
  return found
}

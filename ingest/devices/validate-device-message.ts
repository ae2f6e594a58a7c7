import { type DistanceToDistrict, decodeMeta } from '#telemetry/meta-message.ts'
import { decodeStatus } from '#telemetry/status-message.ts'
import { parseSensorTopic } from '#telemetry/topics.ts'
import type { Fault } from '../decode/refusal.ts'

/** What is wrong with a meta or status; undefined when nothing is. */
export function findDeviceFault(topic: string, payload: Uint8Array, distance: DistanceToDistrict): Fault | undefined {
  const of = parseSensorTopic(topic)
  if (!of) {
    const channel = topic.slice(topic.lastIndexOf('/') + 1)
    // taken away again, as it must be possible
    if (payload.byteLength === 0) return undefined
    const reason = `topic is not city/v1/{district}/{kind}/{sensor}/${channel} with a known kind and ids of a-z, 0-9, -`
    return { code: 'TOPIC', reason }
  }
  const said = of.channel === 'meta' ? decodeMeta(payload, of.district, distance) : decodeStatus(payload)
  return said.ok ? undefined : said.fault
}

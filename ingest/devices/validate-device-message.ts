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
    return { code: 'TOPIC', faults: [{ code: 'WRONG_TOPIC', params: { channel } }] }
  }
  const said = of.channel === 'meta' ? decodeMeta(payload, of.district, distance) : decodeStatus(payload)
  return said.ok ? undefined : said.fault
}

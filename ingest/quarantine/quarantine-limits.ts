import { quarantineAgeMs } from '#telemetry/quarantine-age.ts'
import type { QuarantineBounds } from './quarantine-size.ts'

/** Bounds of the quarantine, so that a sensor gone mad does not fill the store. */
export interface QuarantineLimits extends QuarantineBounds {
  /** bytes of a payload that are kept: as long as a packet may be, whatever MAX_PACKET_BYTES says */
  maxPayloadBytes: number
  /** bytes of payload of one topic a minute; beyond it, but for its first, the first `cutPayloadBytes` of each are kept */
  maxTopicBytesPerMinute: number
  /** the same of one credential that speaks for many sensors */
  maxUserBytesPerMinute: number
  /** the same of all */
  maxBytesPerMinute: number
  cutPayloadBytes: number
  /** entries of one topic and a minute of arrival: a share of `maxPerMinute`; further messages are counted, not kept */
  maxTopicPerMinute: number
  /** entries a minute of one credential that speaks for many sensors: a share of `maxPerMinute` too */
  maxUserPerMinute: number
  /** entries a minute; further messages are counted, not kept */
  maxPerMinute: number
  /** topics a minute whose overflow is reported one by one; that of further topics is reported together */
  maxTopicsReported: number
}

export const quarantineLimits: QuarantineLimits = {
  maxPayloadBytes: 16_777_216,
  maxTopicBytesPerMinute: 524_288,
  maxUserBytesPerMinute: 2_097_152,
  maxBytesPerMinute: 33_554_432,
  cutPayloadBytes: 4_096,
  maxTopicPerMinute: 60,
  maxUserPerMinute: 150,
  maxPerMinute: 600,
  maxTopicsReported: 100,
  maxEntries: 10_000,
  maxBytes: 67_108_864,
  maxAgeMs: quarantineAgeMs,
}

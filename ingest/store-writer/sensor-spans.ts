import type { DecodedBlock } from '../decode/decode-block.ts'

/** The span of measuring times (epoch ms) of each sensor in some blocks. */
export type SensorSpans = ReadonlyMap<string, { from: number; to: number }>

/** Looks through the readings of some blocks. */
export function measureSpans(blocks: readonly DecodedBlock[]): SensorSpans {
  const spans = new Map<string, { from: number; to: number }>()
  for (const { readings } of blocks)
    for (const { reading } of readings) {
      const { sensor, ts } = reading
      const span = spans.get(sensor)
      if (!span) spans.set(sensor, { from: ts, to: ts })
      else if (ts > span.to) span.to = ts
      else if (ts < span.from) span.from = ts
    }
  return spans
}

/** Whether both may hold readings of the same sensor and time. */
export function mayOverlap(some: SensorSpans, others: SensorSpans): boolean {
  for (const [sensor, { from, to }] of some) {
    const other = others.get(sensor)
    if (other && from <= other.to && other.from <= to) return true
  }
  return false
}

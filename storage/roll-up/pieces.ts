import { hourMs } from '#telemetry/durations.ts'
import { valueInfo } from '#telemetry/values.ts'
import type { RollUpQuery } from '../roll-ups.ts'
import { floorHour } from './utc-hours.ts'

/** most edges of one question */
const maxEdges = 20_001

/**
 * A part of a bucket within one hour (UTC), and within the time that a sensor was in its group: `start <= ts < end`, epoch ms.
 * Readings are added piece by piece, whoever adds them: a piece without a reading of its own has nothing, however long one before
 * it would hold.
 */
export interface Piece {
  /** index of its bucket */
  bucket: number
  start: number
  end: number
}

/** Where buckets begin, and the last one ends. @throws RangeError when these are no buckets */
export class Buckets {
  readonly edges: readonly number[]

  constructor(edges: readonly number[]) {
    const inOrder = edges.every((edge, at) => Number.isSafeInteger(edge) && edge > (edges[at - 1] ?? -Infinity))
    if (edges.length < 2 || edges.length > maxEdges || !inOrder)
      throw new RangeError(`${edges.length} edges of buckets: they must be 2 to ${maxEdges} whole numbers that go up`)
    this.edges = edges
  }

  get from(): number {
    return this.edges[0] ?? 0
  }

  get to(): number {
    return this.edges.at(-1) ?? 0
  }

  /** The start of a bucket. */
  startOf(bucket: number): number {
    return this.edges[bucket] ?? Number.NaN
  }

  /** Index of the bucket that holds a time of the span. */
  bucketAt(ts: number): number {
    let [low, high] = [0, this.edges.length - 1]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (ts < this.startOf(middle)) high = middle
      else low = middle
    }
    return low
  }

  /** The piece that a time belongs to; undefined when it lies outside of the buckets or of `from <= ts < to`. */
  pieceAt(ts: number, { from = this.from, to = this.to }: { from?: number; to?: number }): Piece | undefined {
    if (ts < Math.max(from, this.from) || ts >= Math.min(to, this.to)) return undefined
    const bucket = this.bucketAt(ts)
    const hour = floorHour(ts)
    return {
      bucket,
      start: Math.max(hour, this.startOf(bucket), from),
      end: Math.min(hour + hourMs, this.startOf(bucket + 1), to),
    }
  }
}

/** The buckets of a question. @throws RangeError when the kind has no such value, it is a word, or these are no buckets */
export function checkedBuckets({ kind, value, edges }: RollUpQuery): Buckets {
  const info = valueInfo(kind, value)
  if (!info) throw new RangeError(`a ${kind} sensor has no value "${value}"`)
  if (info.type !== 'number') throw new RangeError(`${value} is a word: it has no roll-ups`)
  return new Buckets(edges)
}

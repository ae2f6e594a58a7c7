import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NewestTimes } from '#storage/duckdb/newest-times.ts'
import type { Reading } from '#telemetry/reading.ts'

const reading = (sensor: string, ts: number): Reading => ({
  ...{ kind: 'traffic', district: 'tay-ninh', sensor, ts },
  values: { intensity: 1 },
})
const identity = ({ sensor, ts }: Reading) => `${sensor} ${ts}`

/** Stored readings as a table would hold them, of sensors whose newest times are remembered. */
class Stored {
  readonly identities: Set<string>
  readonly newest: NewestTimes

  constructor(readings: readonly Reading[], maxSensors: number) {
    this.identities = new Set(readings.map(identity))
    const times = new Map<string, number>()
    for (const { sensor, ts } of readings) times.set(sensor, Math.max(ts, times.get(sensor) ?? 0))
    this.newest = new NewestTimes(times, maxSensors)
  }
}

describe('readings newer than all that is stored of their sensor', () => {
  const some = fc.array(
    fc
      .tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 12 }))
      .map(([sensor, ts]) => reading(sensor, ts)),
  )

  it('are new, whatever was stored, however few sensors are remembered, and whether or not batches are stored', () => {
    const batches = fc.array(fc.record({ readings: some, kept: fc.boolean() }))
    fc.assert(
      fc.property(some, batches, fc.integer({ min: 0, max: 4 }), (before, batch, maxSensors) => {
        const { identities, newest } = new Stored(before, maxSensors)
        for (const { readings, kept } of batch) {
          const sorted = newest.sort(readings)
          const fresh = sorted.fresh.map(identity)
          expect(new Set(fresh).size).toBe(fresh.length)
          expect(fresh.filter((each) => identities.has(each))).toEqual([])
          expect([...sorted.fresh, ...sorted.doubtful].map(identity).sort()).toEqual(readings.map(identity).sort())
          if (!kept) continue
          newest.stored(sorted)
          for (const each of readings) identities.add(identity(each))
        }
      }),
    )
  })

  it('are all but those that come late or twice', () => {
    const { newest } = new Stored([reading('a', 5)], 10)
    const { fresh, doubtful } = newest.sort([
      reading('a', 6),
      reading('a', 6),
      reading('b', 1),
      reading('a', 5),
      reading('a', 8),
    ])
    expect(fresh).toEqual([reading('a', 6), reading('b', 1), reading('a', 8)])
    expect(doubtful).toEqual([reading('a', 6), reading('a', 5)])
  })
})

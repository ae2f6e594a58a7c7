import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Database } from '#storage/duckdb/database.ts'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { rollUpsOfReadings } from '#storage/roll-up/from-readings.ts'
import type { RollUpQuery } from '#storage/roll-ups.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import { air, day, minute, start } from './store-samples.ts'

const hour = 60 * minute

describe('beside the upkeep of DuckDB', () => {
  let store: TelemetryStore
  beforeEach(async () => {
    store = await openDuckdbStore({ path: ':memory:', log: pino({ level: 'silent' }) })
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await store.close()
  })

  /** All of the upkeep; a step that says to come again later is tried again at once. */
  const upkeep = async (until: number) => {
    for (let more = true; more; )
      more = await store.upkeep({ until, maxReadings: 100_000 }).then(
        (step) => step.more,
        (error) => {
          if (error instanceof StoreUnavailableError) return true
          throw error
        },
      )
  }
  const of = (sensor: string, ...edges: number[]): RollUpQuery => ({
    ...{ kind: 'air-quality', value: 'pm25', members: [{ sensor, group: 0 }], edges },
  })

  it.each(['open', 'dirty'])(
    'a write that fails in the middle of a step of %s hours hides none that follows',
    async (which) => {
      await store.write([air('aq-a', start, 1), air('aq-a', start + 5 * minute, 2)])
      if (which === 'dirty') {
        await upkeep(start + 4 * hour)
        await store.write([air('aq-a', start + 10 * minute, 3)])
      }
      // between what a step computes in its snapshot and what it replaces
      const snapshot = Database.prototype.snapshot
      let hasFailed = false
      vi.spyOn(Database.prototype, 'snapshot').mockImplementation(async function (this: Database, ...given) {
        const result: unknown = await snapshot.apply(this, given)
        const isComputed = typeof result === 'object' && result !== null && 'chunks' in result
        if (isComputed && !hasFailed) {
          hasFailed = true
          await expect(store.write([air('aq-b', 1e300, 1)])).rejects.toThrow()
          await store.write([air('aq-a', start + 20 * minute, 100)])
        }
        return result
      })
      await upkeep(start + 4 * hour)
      expect(hasFailed).toBe(true)
      const query = of('aq-a', start, start + hour)
      expect(await store.rollUps(query)).toEqual(await rollUpsOfReadings(store).rollUps(query))
    },
  )

  it('a late reading ends how long one of a longer step before it holds, in the next hour too', async () => {
    const body = { sensor: 'aq-a', seconds: 60, before: 300 }
    await store.appendEvents([{ stream: 'period', id: 'p', ts: start + 50 * minute, body }])
    await store.write([air('aq-a', start + 49 * minute, 1), air('aq-a', start + 62 * minute, 2)])
    await upkeep(start + 4 * hour)
    await store.write([air('aq-a', start + 55 * minute, 5)])
    const query = of('aq-a', start + hour, start + 2 * hour)
    const right = await rollUpsOfReadings(store).rollUps(query)
    expect(await store.rollUps(query)).toEqual(right)
    await upkeep(start + 4 * hour)
    expect(await store.rollUps(query)).toEqual(right)
  })

  it('more marks than are remembered change nothing that is frozen', async () => {
    const hours = (value: number, from: number) =>
      Array.from({ length: 720 - from }, (_, at) =>
        Array.from({ length: 50 }, (_, sensor) => air(`aq-${sensor}`, start + (from + at) * hour, value)),
      ).flat()
    await store.write(hours(1, 0))
    await upkeep(start + 720 * hour)
    const [frozen, from] = [start + 10 * day + 12 * hour, start + 10 * day]
    await store.trim(frozen)
    const before = await store.rollUps(of('aq-0', from, frozen))
    expect(before).toMatchObject([{ count: 12 }])
    // late for more sensors and hours than marks are remembered
    await store.write(hours(2, 253))
    await store.write([air('aq-0', frozen + 5 * minute, 9)])
    expect(await store.rollUps(of('aq-0', from, frozen))).toEqual(before)
    await upkeep(start + 720 * hour)
    expect(await store.rollUps(of('aq-0', from, frozen))).toEqual(before)
  })
})

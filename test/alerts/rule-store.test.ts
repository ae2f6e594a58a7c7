import { describe, expect, it } from 'vitest'
import { RuleStore } from '#alerts/rules/rule-store.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { openTestStore } from '../api/api-parts.ts'
import { silent } from '../journal/journal-parts.ts'
import { influxdInstalled, startInfluxd } from '../real/influxd.ts'

const day = 86_400_000
const now = Date.now()

/** Starts at these days from now; gives how many versions of rules the store holds after each. */
async function startOn(store: TelemetryStore, days: readonly number[]): Promise<number[]> {
  const held: number[] = []
  for (const at of days) {
    const rules = new RuleStore({ store, log: silent })
    await rules.load(now + at * day)
    await rules.refresh(now + at * day)
    await rules.refresh(now + at * day + 1)
    held.push((await store.readEvents({ stream: 'alert-rule', limit: 10_000 })).length)
  }
  return held
}

describe('the rules', () => {
  it('are written once, however often alerts starts', async () => {
    const { store, close } = await openTestStore()
    const [first = 0, ...later] = await startOn(store, [0, 1, 40, 400])
    expect(first).toBeGreaterThan(10)
    expect(new Set(later)).toEqual(new Set([first]))
    await close()
  })

  it.skipIf(!influxdInstalled() && !process.env.CI)(
    'are written anew in time where the store itself forgets what is old',
    async () => {
      const influxd = await startInfluxd()
      const create = new URLSearchParams({ q: 'CREATE DATABASE "nhip" WITH DURATION 32d' })
      await fetch(`${influxd.url}/query`, { method: 'POST', body: create })
      const store = await openInfluxdbStore({ url: influxd.url, bucket: 'nhip', log: silent })
      expect(store.keptMs()).toBe(32 * day)
      const [first = 0, ...later] = await startOn(store, [0, 1, 15, 17, 18])
      expect(later).toEqual([first, first, 2 * first, 2 * first])
      await store.close()
      await influxd.close()
    },
  )
})

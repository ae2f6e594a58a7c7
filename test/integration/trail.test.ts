import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { apiMetrics } from '#api/metrics.ts'
import { openTrail, type Trail } from '#api/trail.ts'
import { trailEntrySchema } from '#telemetry/trail.ts'
import { openTestStore, type TestStore, until } from './api-parts.ts'

const now = Date.UTC(2026, 10, 20, 6)
const entry = { who: 'lan', what: 'alert.acknowledge', target: 'a-1', from: '192.0.2.7' }

describe('the audit trail', () => {
  let test: TestStore
  let trail: Trail
  beforeEach(async () => {
    test = await openTestStore()
    const metrics = apiMetrics(new Registry())
    trail = openTrail({ store: test.store, metrics, log: pino({ level: 'silent' }), clock: () => now })
  })
  afterEach(async () => {
    await trail.close()
    await test.close()
  })
  const kept = async () =>
    (await test.store.readEvents({ stream: 'audit', limit: 100 })).map(({ body }) => trailEntrySchema.parse(body))

  it('holds an entry once its promise resolves: who, what, to what, from where, when', async () => {
    await trail.record({ ...entry, detail: { note: 'seen' } })
    expect(await kept()).toMatchObject([{ ...entry, at: now, detail: { note: 'seen' } }])
  })

  it('holds every one of many entries told at once', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, i) => trail.record({ ...entry, target: `a-${i}` })))
    expect(new Set((await kept()).map(({ target }) => target)).size).toBe(50)
  })

  it('keeps what is told while the store is away, and writes it when it is back', async () => {
    test.down = true
    await trail.record(entry)
    await trail.record({ ...entry, what: 'alert.shelve' })
    test.down = false
    await until('both entries', async () => (await kept()).length === 2)
  })

  it('writes what it holds when it is closed', async () => {
    test.down = true
    await trail.record(entry)
    test.down = false
    await trail.close()
    expect(await kept()).toHaveLength(1)
  })
})

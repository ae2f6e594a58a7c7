import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { apiMetrics } from '#api/metrics.ts'
import { seedRegistry } from '#api/sensors/registry-seed.ts'
import { SensorRegistry } from '#api/sensors/sensor-registry.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { SteadyClock } from '#telemetry/steady-clock.ts'
import { silent } from '../journal/journal-parts.ts'
import { airReading, openTestStore, type TestStore, until } from './api-parts.ts'

const hour = 3_600_000

describe('the newest readings of the store', () => {
  let test: TestStore
  /** how often each question was asked */
  let asked: Map<string, number>
  let store: TelemetryStore
  beforeEach(async () => {
    test = await openTestStore()
    asked = new Map()
    store = new Proxy(test.store, {
      get(target, name: keyof TelemetryStore) {
        asked.set(name, (asked.get(name) ?? 0) + 1)
        return target[name]
      },
    })
  })
  afterEach(() => test.close())
  const times = (name: keyof TelemetryStore) => asked.get(name) ?? 0

  it('are asked for again and again, those of clocks that are ahead once a start and once a connection', async () => {
    const now = Date.now()
    const ahead = (sensor: string, ts: number) => ({ ...airReading(sensor, ts, 5), aheadMs: ts - now })
    await test.store.write([ahead('aq-1', now + 7 * hour), ahead('aq-1', now + 6 * hour), airReading('aq-2', now, 5)])
    const registry = new SensorRegistry({ metrics: apiMetrics(new Registry()) })
    const seed = await seedRegistry(
      { store, registry, log: silent, clock: Date.now, steady: new SteadyClock() },
      () => {},
    )
    try {
      expect(registry.get('aq-1')?.clock?.offMs).toBe(7 * hour)
      const once = times('newestAhead')
      await until('a second look', () => times('latest') > 1)
      expect(times('newestAhead')).toBe(once)
      await test.store.write([ahead('aq-3', now + 8 * hour)])
      seed.soon()
      await until('the other clock', () => registry.get('aq-3')?.clock !== undefined)
      const twice = times('newestAhead')
      expect(twice).toBe(2 * once)
      const looks = times('latest')
      await until('a further look', () => times('latest') > looks)
      expect(times('newestAhead')).toBe(twice)
      // whole readings of the time to come are many
      expect(times('readings')).toBe(0)
    } finally {
      seed.stop()
    }
  })

  it('are asked for with those of clocks that are ahead once more when the store was away', async () => {
    const now = Date.now()
    await test.store.write([{ ...airReading('aq-1', now + 7 * hour, 5), aheadMs: 7 * hour }])
    test.down = true
    const registry = new SensorRegistry({ metrics: apiMetrics(new Registry()) })
    const started = seedRegistry({ store, registry, log: silent, clock: Date.now, steady: new SteadyClock() }, () => {})
    await until('a failed look', () => times('latest') > 0)
    test.down = false
    const seed = await started
    try {
      await until('the clock', () => registry.get('aq-1')?.clock !== undefined)
    } finally {
      seed.stop()
    }
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import { findingOf, type Severity, severities, severityOf } from '#telemetry/severity.ts'
import { freshness } from '#telemetry/staleness.ts'
import { type Counts, SensorRegistry } from '../../dashboard/src/live/sensor-registry.ts'

const start = 1_763_900_000_000
const meta = (period: number): SensorMeta => ({ name: { vi: 'a', en: 'a' }, position: [106.1, 11.3], period })
const station = (sensor: string, ts: number, pm25: number): Reading => ({
  ...{ district: 'tay-ninh', sensor, ts, kind: 'air-quality' },
  values: { pm25 },
})

describe('the registry', () => {
  it('stands as if every sensor were judged anew, whatever has come and however time has gone', () => {
    const ids = ['a', 'b', 'c'] as const
    const id = fc.constantFrom(...ids)
    const step = fc.oneof(
      fc.record({ id, lag: fc.integer({ min: 0, max: 40_000 }), pm25: fc.constantFrom(10, 80, 200) }),
      fc.record({ id, period: fc.constantFrom(1, 5, 60) }),
      fc.record({ id, connection: fc.constantFrom('online' as const, 'offline' as const) }),
      fc.record({ pass: fc.integer({ min: -60_000, max: 60_000 }) }),
      fc.record({ alerts: fc.array(fc.tuple(id, fc.constantFrom(...severities))) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const registry = new SensorRegistry()
        let now = start
        let alerts = new Map<string, Severity>()
        registry.advance(now)
        for (const what of steps) {
          if ('alerts' in what) {
            alerts = new Map(what.alerts)
            registry.setAlerts(alerts)
          } else if ('pass' in what) {
            // time goes on, or a replay jumps back by more than a clock wavers
            now += what.pass < 0 ? Math.min(what.pass, -2_001) : what.pass
            registry.advance(now)
          } else if ('lag' in what)
            registry.mergeReading({ reading: station(what.id, now - what.lag, what.pm25), arrivedAt: now })
          else if ('period' in what)
            registry.setStatus({ id: what.id, district: 'd', kind: 'air-quality', meta: meta(what.period) })
          else {
            const known = registry.get(what.id)?.meta
            registry.setStatus({ district: 'd', kind: 'air-quality', meta: known, ...what })
          }
        }
        const expected: Counts = { fresh: 0, stale: 0, offline: 0, waiting: 0, abnormal: 0 }
        for (const sensor of registry.all()) {
          const age = freshness(sensor, now)
          const severity = severityOf(findingOf(sensor, now), alerts.get(sensor.id))
          expected[age] += 1
          if (severity !== undefined) expected.abnormal += 1
          const { freshness: shown, severity: judged } = registry.standing(sensor.id)
          expect([shown, judged]).toEqual([age, severity])
        }
        expect(registry.counts(now)).toEqual(expected)
      }),
    )
  })

  it('takes back what a status no longer says', () => {
    const registry = new SensorRegistry()
    const told: [string, boolean][] = []
    registry.mergeReading({ reading: station('a', start, 5), arrivedAt: start })
    registry.listen({ reset: () => {}, changed: (id, moved) => told.push([id, moved]) })
    const of = { id: 'a', district: 'd', kind: 'air-quality' } as const
    registry.setStatus({ ...of, meta: meta(60), connection: 'offline' })
    registry.setStatus({ ...of, meta: meta(60) })
    registry.setStatus(of)
    expect(registry.get('a')).toMatchObject({ connection: undefined, meta: undefined, reading: { ts: start } })
    // only where it stands is a matter of the map's
    expect(told).toEqual([
      ['a', true],
      ['a', false],
      ['a', true],
    ])
  })

  it('tells of a sensor that becomes stale, at its own deadline and once', () => {
    const registry = new SensorRegistry()
    const told: string[] = []
    for (const [id, period] of Object.entries({ quick: 1, slow: 60 }))
      registry.setStatus({ id, district: 'd', kind: 'air-quality', meta: meta(period) })
    for (const id of ['quick', 'slow']) registry.mergeReading({ reading: station(id, start, 5), arrivedAt: start })
    registry.listen({ reset: () => told.push('reset'), changed: (id) => told.push(id) })
    registry.advance(start + 3_000)
    expect(told).toEqual([])
    registry.advance(start + 3_001)
    registry.advance(start + 4_000)
    expect(told).toEqual(['quick'])
    registry.advance(start + 180_001)
    expect(told).toEqual(['quick', 'slow'])
  })

  it('tells of the sensors whose alerts have come or gone, and marks one that becomes known later', () => {
    const registry = new SensorRegistry()
    registry.mergeReading({ reading: station('a', start, 5), arrivedAt: start })
    const told: string[] = []
    registry.listen({ reset: () => told.push('reset'), changed: (id) => told.push(id) })
    for (let twice = 0; twice < 2; twice++)
      registry.setAlerts(
        new Map([
          ['a', 1],
          ['later', 1],
        ]),
      )
    expect(told).toEqual(['a'])
    registry.mergeReading({ reading: station('later', start, 5), arrivedAt: start })
    expect(registry.counts(start)).toMatchObject({ fresh: 2, abnormal: 2 })
    registry.setAlerts(new Map())
    expect(registry.counts(start)).toMatchObject({ fresh: 2, abnormal: 0 })
  })

  it('shows what is shelved as such as long as no other alert is active, and tells of it', () => {
    const registry = new SensorRegistry()
    registry.mergeReading({ reading: station('a', start, 5), arrivedAt: start })
    const told: string[] = []
    registry.listen({ reset: () => {}, changed: (id) => told.push(id) })
    registry.setAlerts(new Map(), new Map([['a', 1]]))
    expect(registry.standing('a')).toEqual({ freshness: 'fresh', severity: 1, isShelved: true })
    expect(registry.counts(start)).toMatchObject({ fresh: 1, abnormal: 1 })
    registry.setAlerts(new Map([['a', 3]]), new Map([['a', 1]]))
    expect(registry.standing('a')).toEqual({ freshness: 'fresh', severity: 3 })
    registry.setAlerts(new Map())
    expect(registry.standing('a')).toEqual({ freshness: 'fresh' })
    expect(told).toEqual(['a', 'a', 'a'])
  })

  it('takes no notice of a clock that wavers, and judges all anew when time jumps back', () => {
    const registry = new SensorRegistry()
    registry.mergeReading({ reading: station('a', start, 5), arrivedAt: start })
    registry.advance(start + 180_001)
    let resets = 0
    registry.listen({ reset: () => (resets += 1), changed: () => {} })
    registry.advance(start + 179_500)
    expect([registry.standing('a').freshness, resets]).toEqual(['stale', 0])
    registry.advance(start + 100_000)
    expect([registry.standing('a').freshness, resets]).toEqual(['fresh', 1])
  })
})

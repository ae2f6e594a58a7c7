import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EvaluationEngine } from '#alerts/engine/evaluation-engine.ts'
import { alertsMetrics } from '#alerts/metrics.ts'
import { AlarmStateStore, alarmStateLimits } from '#alerts/state/alarm-state-store.ts'
import { AlarmTransitions } from '#alerts/state/alarm-transitions.ts'
import { AlertLog, logLimits } from '#alerts/state/alert-log.ts'
import type { Condition } from '#telemetry/alert-condition.ts'
import type { AlertRule, Scope } from '#telemetry/alert-rule.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import { openTestStore, type TestStore } from '../api/api-parts.ts'
import { silent } from '../journal/journal-parts.ts'

const a = { sensor: 'station-7', kind: 'air-quality', district: 'tay-ninh' } as const
const b = { ...a, district: 'di-an' } as const
const c = { ...a, district: 'thu-duc' } as const
const meta = (given: Partial<SensorMeta> = {}): SensorMeta => ({
  ...{ name: { vi: 'Trạm', en: 'Station' }, position: [106.1, 11.3], ward: 'w1', period: 5 },
  ...given,
})

const ruleOf = (id: string, condition: Condition, scope: Partial<Scope> = {}): AlertRule => ({
  ...{ id, version: 1, changedBy: 'test', changedAt: 0, name: { vi: id, en: id } },
  ...{ enabled: true, priority: 1, scope: { kind: a.kind, ...scope }, condition, notify: 'by-priority' },
})
const dusty = (scope: Partial<Scope> = {}) =>
  ruleOf('dust', { type: 'threshold', value: 'pm25', above: 100, hysteresis: 10, forSeconds: 0 }, scope)
const silence = ruleOf('silent', { type: 'silence', periods: 3, minSeconds: 15 })

describe('a sensor that is watched', () => {
  let test: TestStore
  let log: AlertLog
  let states: AlarmStateStore
  let engine: EvaluationEngine
  let now: number
  const periods: [string, number | undefined][] = []
  const offline: [string, boolean][] = []

  /** A session of alerts; what a former one had open goes on. */
  const open = () => {
    const metrics = alertsMetrics(new Registry())
    log = new AlertLog({ store: test.store, metrics, log: silent, limits: logLimits })
    const transitions = new AlarmTransitions({ states, log, metrics, onEvents: () => {} })
    engine = new EvaluationEngine({
      ...{ transitions, metrics, clock: () => now },
      onMeta: ({ district }, meta) => periods.push([district, meta?.period]),
      onPresence: (sensor, isOffline) => offline.push([sensor, isOffline]),
    })
  }
  beforeEach(async () => {
    test = await openTestStore()
    now = Date.now()
    periods.length = 0
    offline.length = 0
    states = new AlarmStateStore(alarmStateLimits)
    open()
  })
  afterEach(async () => {
    await log.close()
    await test.close()
  })

  const reading = (of: typeof a | typeof b | typeof c, pm25: number, ts = now): Reading => ({
    ...of,
    ts,
    values: { pm25 },
  })
  const measure = (of: typeof a | typeof b | typeof c, pm25: number, ts = now) =>
    engine.evaluate([{ reading: reading(of, pm25, ts), arrivedAt: now }])
  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      now += 1_000
      engine.tick()
    }
  }
  /** rule and district of the alerts that stand */
  const standing = () =>
    [...states.all()].flatMap(({ rule, district, clearedAt }) =>
      clearedAt === undefined ? [`${rule} ${district}`] : [],
    )

  describe('and was moved', () => {
    beforeEach(() => {
      engine.setRules([dusty(), silence])
      engine.startListening()
      engine.updateMeta(a, meta())
      measure(a, 20)
      engine.updateMeta(b, meta({ ward: 'w2', period: 10 }))
      pass(1)
      measure(b, 163)
    })

    it('is watched where its newest reading is from, by what it said of itself there', () => {
      expect(engine.get(a.sensor)).toMatchObject({ district: b.district, meta: { ward: 'w2', period: 10 } })
      expect(standing()).toEqual(['dust di-an'])
      expect(periods.at(-1)).toEqual([b.district, 10])
    })

    it.each([
      ['its meta is cleared there', () => engine.updateMeta(a, undefined)],
      ['its meta comes again, as with each connection', () => engine.updateMeta(a, meta({ period: 100 }))],
      ['its status is cleared there', () => engine.updateConnection(a, undefined, false)],
      ['it is offline there', () => engine.updateConnection(a, 'offline', true)],
      ['an older reading comes from there', () => measure(a, 20, now - 60_000)],
    ])('stays so whatever comes of the former place: %s', (_what, come) => {
      const watch = engine.get(a.sensor)
      periods.length = 0
      come()
      expect(engine.get(a.sensor)).toBe(watch)
      expect(watch).toMatchObject({ district: b.district, meta: { ward: 'w2', period: 10 } })
      expect(standing()).toEqual(['dust di-an'])
      expect(periods).toEqual([])
      expect(offline).toEqual([])
    })

    it('is not called silent for its former place, and clears at the new one', () => {
      pass(10)
      measure(b, 20)
      pass(10)
      measure(b, 20)
      expect(standing()).toEqual([])
      pass(60)
      expect(standing()).toEqual(['silent di-an'])
      measure(b, 20)
      expect(standing()).toEqual([])
    })

    it('is over where it was: what was raised there is cleared', () => {
      pass(1)
      measure(c, 20)
      expect(engine.get(a.sensor)).toMatchObject({ district: c.district, meta: undefined })
      expect(standing()).toEqual([])
    })

    it('and taken away is watched where it still says that it is, or nowhere', () => {
      engine.updateMeta(b, undefined)
      expect(standing()).toEqual([])
      expect(engine.get(a.sensor)).toMatchObject({ district: a.district, meta: { ward: 'w1' } })
      engine.updateMeta(a, undefined)
      expect(engine.get(a.sensor)).toBeUndefined()
    })
  })

  it('keeps its alert at a start, also when what is retained of a former place comes first', () => {
    engine.setRules([dusty({ districts: [b.district] })])
    engine.updateMeta(b, meta())
    measure(b, 163)
    expect(standing()).toEqual(['dust di-an'])
    open()
    engine.setRules([dusty({ districts: [b.district] })])
    engine.updateMeta(a, meta())
    engine.updateMeta(b, meta())
    engine.past.warmUp([reading(b, 163)])
    engine.past.settle()
    expect(standing()).toEqual(['dust di-an'])
    measure(b, 20, now + 1)
    expect(standing()).toEqual([])
  })

  it('and was moved while nobody watched has no alert of its former place', () => {
    engine.setRules([dusty()])
    measure(a, 163)
    expect(standing()).toEqual(['dust tay-ninh'])
    open()
    engine.setRules([dusty()])
    pass(1)
    engine.updateMeta(b, meta())
    engine.past.warmUp([reading(b, 163)])
    engine.past.settle()
    expect(standing()).toEqual(['dust di-an'])
  })

  describe('and leaves the scope of a rule', () => {
    const scopes: [string, Partial<Scope>][] = [
      ['wards', { wards: ['w1'] }],
      ['wards and sensors', { wards: ['w1', 'w3'], sensors: [a.sensor] }],
    ]
    it.each(scopes)('by a new meta, has no alert of it any more: %s', (_what, scope) => {
      engine.setRules([dusty(scope)])
      engine.updateMeta(a, meta())
      measure(a, 163)
      engine.updateMeta(a, meta({ period: 60 }))
      expect(standing()).toEqual(['dust tay-ninh'])
      engine.updateMeta(a, meta({ ward: 'w2' }))
      expect(standing()).toEqual([])
    })

    it('while nobody watched, has no alert of it any more; one that has not said its ward yet keeps its alert', () => {
      engine.setRules([dusty({ wards: ['w1'] })])
      engine.updateMeta(a, meta())
      measure(a, 163)
      open()
      engine.setRules([dusty({ wards: ['w1'] })])
      engine.past.warmUp([reading(a, 163)])
      engine.past.settle()
      expect(standing()).toEqual(['dust tay-ninh'])
      open()
      engine.setRules([dusty({ wards: ['w1'] })])
      engine.updateMeta(a, meta({ ward: 'w2' }))
      engine.past.warmUp([reading(a, 163)])
      engine.past.settle()
      expect(standing()).toEqual([])
    })
  })
})

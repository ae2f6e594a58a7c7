import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EvaluationEngine } from '#alerts/engine/evaluation-engine.ts'
import { alertsMetrics } from '#alerts/metrics.ts'
import { AlarmStateStore, alarmStateLimits } from '#alerts/state/alarm-state-store.ts'
import { AlarmTransitions } from '#alerts/state/alarm-transitions.ts'
import { AlertLog, logLimits } from '#alerts/state/alert-log.ts'
import type { AlertRule } from '#telemetry/alert-rule.ts'
import { SteadyClock } from '#telemetry/steady-clock.ts'
import { openTestStore, type TestStore } from '../api/api-parts.ts'
import { silent } from '../journal/journal-parts.ts'

const start = Date.UTC(2026, 10, 25, 12)
const day = 86_400_000
const rule: AlertRule = {
  ...{
    id: 'silent',
    version: 1,
    changedBy: 'test',
    changedAt: start,
    enabled: true,
    priority: 3,
    notify: 'by-priority',
  },
  ...{ name: { vi: 'Mất tín hiệu', en: 'Silent' }, scope: { kind: 'lighting' } },
  condition: { type: 'silence', periods: 3, minSeconds: 60 },
}
const of = (sensor: string) => ({ kind: 'lighting', district: 'tay-ninh', sensor }) as const

/** Two lamps, one of which falls silent, watched on a machine whose clock is set while they are. */
describe('silence on a machine whose clock is wrong', () => {
  let test: TestStore
  let log: AlertLog
  beforeEach(async () => {
    test = await openTestStore()
  })
  afterEach(async () => {
    await log.close()
    await test.close()
  })

  /** Raised lamps by the second of the time that passes. `offAt`: by how much the machine's clock is off in each second. */
  function watch(seconds: number, offAt: (second: number) => number): Map<string, number> {
    let second = 0
    const steady = new SteadyClock({
      wall: () => start + second * 1_000 + offAt(second),
      elapsed: () => second * 1_000,
    })
    const metrics = alertsMetrics(new Registry())
    const raised = new Map<string, number>()
    log = new AlertLog({ store: test.store, metrics, log: silent, limits: logLimits })
    const transitions = new AlarmTransitions({
      ...{ states: new AlarmStateStore(alarmStateLimits), log, metrics },
      onEvents(events) {
        for (const event of events)
          if (event.type === 'raised') for (const sensor of event.alert.sensors) raised.set(sensor, second)
      },
    })
    const engine = new EvaluationEngine({ transitions, metrics, clock: steady.now })
    engine.setRules([rule])
    engine.startListening()
    for (; second <= seconds; second++) {
      // ingest tells when a reading arrived, whatever the clock of this machine
      const arrivedAt = start + second * 1_000
      if (second % 5 === 0) {
        if (steady.heard(arrivedAt)) engine.handleClockJump()
        const lamps = second <= 20 ? ['going', 'silent'] : ['going']
        engine.evaluate(
          lamps.map((lamp) => ({ reading: { ...of(lamp), ts: arrivedAt, values: { powerState: 'on' } }, arrivedAt })),
        )
        if (second === 0)
          for (const lamp of lamps) engine.updateMeta({ ...of(lamp) }, { ...meta, name: { vi: lamp, en: lamp } })
      }
      engine.tick()
    }
    return raised
  }
  const meta = { position: [106.1, 11.3] as [number, number], ward: 'tan-ninh', period: 5 }

  it.each([
    ['it is right', () => 0],
    ['it jumps back a day', (second: number) => (second < 30 ? 0 : -day)],
    ['it jumps ahead a day', (second: number) => (second < 30 ? 0 : day)],
    ['it jumps ahead a day and back', (second: number) => (second < 30 || second > 40 ? 0 : day)],
    ['it jumps again and again', (second: number) => (second % 7 < 3 ? 0 : (second % 3) * day)],
    ['it was a day behind at the start', () => -day],
    ['it was a day behind at the start and is set right', (second: number) => (second < 30 ? -day : 0)],
    ['it was a day ahead at the start and is set right', (second: number) => (second < 30 ? day : 0)],
  ])('is told of who is silent alone, and in time: %s', (_what, offAt) => {
    const raised = watch(200, offAt)
    expect([...raised.keys()]).toEqual(['silent'])
    // from its last reading, or from when the clock was set right
    expect(raised.get('silent')).toBeGreaterThanOrEqual(80)
    expect(raised.get('silent')).toBeLessThanOrEqual(30 + 60 + 6)
  })
})

import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertsMetrics } from '#alerts/metrics.ts'
import { AlertLog, logLimits } from '#alerts/state/alert-log.ts'
import { loadAlertLog } from '#alerts/state/load-alert-log.ts'
import type { EventsQuery, TelemetryStore } from '#storage/store.ts'
import type { Alert, AlertEvent } from '#telemetry/alert.ts'
import { openTestStore, type TestStore } from '../api/api-parts.ts'
import { silent } from '../journal/journal-parts.ts'

const dayMs = 86_400_000
const now = Date.UTC(2026, 10, 25)

const alert = (id: string, given: Partial<Alert> = {}): Alert => ({
  ...{ id, revision: 1, rule: 'pm25-high', name: { vi: 'Bụi', en: 'Dust' }, cause: 'threshold', priority: 2 },
  ...{
    kind: 'air-quality',
    sensors: ['aq-1'],
    district: 'tay-ninh',
    group: 'x',
    unit: '',
    raisedAt: now,
    occurrences: 1,
  },
  ...given,
})
/** The life of an alert that was raised and closed within a minute. */
const closed = (id: string, at: number): AlertEvent[] => [
  { type: 'raised', at, alert: alert(id, { raisedAt: at }) },
  {
    type: 'closed',
    at: at + 60_000,
    alert: alert(id, { raisedAt: at, revision: 2, clearedAt: at, closedAt: at + 60_000 }),
  },
]

describe('the log of alerts', () => {
  let test: TestStore
  let bodiesRead: number
  beforeEach(async () => {
    test = await openTestStore()
    bodiesRead = 0
  })
  afterEach(() => test.close())

  const load = () => {
    const counting = new Proxy(test.store, {
      get(target, name: keyof TelemetryStore) {
        if (name !== 'readEvents') return target[name]
        return async (query: EventsQuery) => {
          const events = await target.readEvents(query)
          bodiesRead += events.length
          return events
        }
      },
    })
    return loadAlertLog({ store: counting, log: silent, maxAlerts: logLimits.maxWaiting })
  }
  const append = (events: readonly AlertEvent[]) =>
    test.store.appendEvents(
      events.map((body) => ({ stream: 'alert', id: `${body.alert.id}-${body.alert.revision}`, ts: body.at, body })),
    )
  const year = Array.from({ length: 3_650 }, (_, i) => closed(`c${i}`, now - 366 * dayMs + i * (dayMs / 10))).flat()

  it('without a checkpoint finds an alert open for a year, without reading the year', async () => {
    const old = alert('old', { raisedAt: now - 365 * dayMs, acknowledged: { by: 'An', at: now, comment: '' } })
    await append([{ type: 'raised', at: old.raisedAt, alert: old }, ...year])
    await append(closed('lately', now - 60_000))
    const steps = await load()
    const stillOpen = steps.filter((step) => step.alert.closedAt === undefined)
    expect(stillOpen).toEqual([{ type: 'carried', at: old.raisedAt, alert: old }])
    expect(steps.map((step) => step.alert.id)).toContain('lately')
    expect(bodiesRead).toBeLessThan(100)
  })

  it('without a checkpoint finds more open alerts than one page holds', async () => {
    const many = Array.from({ length: 2_500 }, (_, i) => alert(`a${i}`, { raisedAt: now - 100 * dayMs + i }))
    await append(many.map((each) => ({ type: 'raised', at: each.raisedAt, alert: each })))
    await append(closed('newest', now))
    const ids = (await load()).filter((step) => step.alert.closedAt === undefined).map((step) => step.alert.id)
    expect(ids).toEqual(many.map(({ id }) => id))
  })

  it('with a checkpoint reads from there on', async () => {
    const carried = alert('carried', { raisedAt: now - 300 * dayMs })
    await append(year)
    const log = new AlertLog({ store: test.store, metrics: alertsMetrics(new Registry()), log: silent })
    await log.checkpoint([{ type: 'carried', at: now, alert: carried }], now)
    await append([{ type: 'again', at: now + 1, alert: { ...carried, revision: 2 } }])
    bodiesRead = 0
    const steps = await load()
    expect(steps.map((step) => [step.alert.id, step.alert.revision])).toEqual([['carried', 2]])
    expect(bodiesRead).toBeLessThan(10)
  })

  it('counts and logs what it gives up when it is closed while the store is away', async () => {
    const lines: string[] = []
    const registry = new Registry()
    const metrics = alertsMetrics(registry)
    const log = new AlertLog({ store: test.store, metrics, log: pino({}, { write: (line) => void lines.push(line) }) })
    test.down = true
    log.append(closed('lost', now))
    await log.close()
    expect((await metrics.droppedSteps.get()).values[0]?.value).toBe(2)
    expect((await metrics.storeFaults.get()).values[0]?.value).toBeGreaterThanOrEqual(1)
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(expect.objectContaining({ level: 50, lost: 2 }))
    expect(log.isIdle).toBe(false)
  })

  it('is empty in a new store', async () => {
    expect(await load()).toEqual([])
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AlarmStateStore } from '#alerts/state/alarm-state-store.ts'
import type { Api } from '#api/api.ts'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { type Alert, type AlertEvent, mergeAlerts } from '#telemetry/alert.ts'
import { alertsResponse } from '#telemetry/alert-rest.ts'
import { hourMs, minuteMs } from '#telemetry/durations.ts'
import { replayResponse } from '#telemetry/replay.ts'
import { type StoreServer, storeKinds } from '../storage/store-kinds.ts'
import { get, startTestApi, startTestBroker, type TestBroker, untilReady } from './api-parts.ts'

const start = Date.UTC(2026, 10, 20, 5)
const sensors = ['aq-1', 'aq-2', 'aq-3']

/** What happens to the alert of a sensor, or to all of them, so many ms after what happened before. */
const happening = fc.record({
  afterMs: fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 1, max: 3 * hourMs }), fc.constant(26 * hourMs)),
  what: fc.constantFrom('raise', 'raise', 'clear', 'acknowledge', 'shelve', 'unshelve', 'time', 'checkpoint'),
  sensor: fc.constantFrom(...sensors),
  priority: fc.constantFrom(1 as const, 2 as const, 3 as const),
})
type Happening = typeof happening extends fc.Arbitrary<infer Each> ? Each : never

/** Everything that the alerts write to the store meanwhile, in order of time. */
function lived(happenings: readonly Happening[]): StoredEvent[] {
  const states = new AlarmStateStore()
  const events: StoredEvent[] = []
  let now = start
  for (const each of happenings) {
    now += each.afterMs
    const steps = planned(states, each, now)
    states.apply(steps)
    for (const body of steps)
      events.push({ stream: 'alert', id: `${body.alert.id}-${body.alert.revision}`, ts: body.at, body })
    if (each.what === 'checkpoint')
      events.push({ stream: 'alert', id: `checkpoint-${now}`, ts: now, body: { type: 'checkpoint', at: now } })
  }
  return events
}

function planned(states: AlarmStateStore, { what, sensor, priority }: Happening, now: number): AlertEvent[] {
  const known = states.find('hot', [sensor])
  const action = { ids: known ? [known.id] : [], by: 'An', comment: 'a reason', now }
  switch (what) {
    case 'raise': {
      const condition = { type: 'threshold', value: 'temperature', above: 45, hysteresis: 0, forSeconds: 0 } as const
      return states.planRaise({
        rule: { id: 'hot', name: { vi: 'Nóng', en: 'Hot' }, condition, priority },
        subject: { kind: 'air-quality', sensors: [sensor], district: 'tay-ninh' },
        ...{ at: now - 500, now, finding: { value: 50, valueName: 'temperature', limit: 45, unit: '°C' } },
      })
    }
    case 'clear':
      return known ? states.planClear(known.id, now, now) : []
    case 'acknowledge':
      return states.planAcknowledge(action)
    case 'shelve':
      return states.planShelve({ ...action, until: now + hourMs })
    case 'unshelve':
      return states.planUnshelve(action)
    case 'time':
      return states.planTimeouts(now)
    case 'checkpoint':
      return states.planCheckpoint(now)
  }
}

/** The same, folded from all steps there are. */
function foldedAt(events: readonly StoredEvent[], moment: number): Map<string, Alert> {
  const newest = new Map<string, Alert>()
  for (const { ts, body } of events) {
    const { alert } = body as Partial<AlertEvent> // made above
    if (ts < moment && alert && alert.revision > (newest.get(alert.id)?.revision ?? 0)) newest.set(alert.id, alert)
  }
  return new Map([...newest].filter(([, { closedAt }]) => closedAt === undefined))
}

/** A checkpoint repeats an alert as one revision more. */
const withoutRevisions = (alerts: Iterable<Alert>) =>
  [...alerts].map(({ revision: _, ...rest }) => rest).sort((a, b) => (a.id < b.id ? -1 : 1))

describe.each(storeKinds.filter((kind) => kind.isThere()))('the alerts of a replay from $name', (kind) => {
  let folder: string
  let server: StoreServer
  let store: TelemetryStore
  let broker: TestBroker
  let api: Api

  const ask = async (from: number, to: number, more = '') => {
    const answer = await get(api, `/api/v1/replay?from=${from}&to=${to}${more}`)
    expect(answer.status).toBe(200)
    return replayResponse.parse(await answer.json())
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-replay-'))
    server = await kind.start()
    store = await server.open(folder, 'replay')
    broker = await startTestBroker()
    api = await startTestApi({ store, brokerPort: broker.port, clock: () => start + 30 * 24 * hourMs })
    await untilReady(api)
  })
  afterAll(async () => {
    await api?.close()
    await broker?.close()
    await store?.close()
    await server?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('are at any moment what a fold of all steps before it gives, and go on from there as it does', async () => {
    const moments = fc.array(fc.nat(), { minLength: 2, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 40 }), moments, async (happenings, picks) => {
        const events = lived(happenings)
        await store.trimEvents('alert', Number.MAX_SAFE_INTEGER)
        await store.appendEvents(events)
        const isCheckpoint = ({ id }: StoredEvent) => id.startsWith('checkpoint')
        for (const pick of picks) {
          // around what happened, or a while after
          const event = events[pick % (events.length + 1)]
          const from = (event?.ts ?? start) + ([-1, 0, 1, 20 * minuteMs][pick % 4] ?? 0)
          const to = from + 30 * minuteMs
          const answer = await ask(from, to)
          const before = events.filter(({ ts }) => ts < from)
          const kept = before.some(isCheckpoint) ? 'all' : before.length > 0 ? 'some' : 'none'
          expect(answer.alertsKept).toBe(kept)
          const byId = (alerts: Iterable<Alert>) => [...alerts].sort((a, b) => (a.id < b.id ? -1 : 1))
          expect(byId(answer.alerts ?? [])).toEqual(byId(foldedAt(events, from).values()))
          const next = events.find((each) => each.ts >= from && each.ts < to && isCheckpoint(each))
          expect(answer.alertsKeptFrom).toBe(kept === 'all' ? undefined : next?.ts)
          // going on, at each moment, and thinned at each whole step
          const held = new Map((answer.alerts ?? []).map((alert) => [alert.id, alert]))
          for (const at of [from + 10 * minuteMs, to]) {
            const until = answer.alertSteps.filter((step) => step.at < at)
            mergeAlerts(
              held,
              until.map(({ alert }) => alert),
            )
            expect(withoutRevisions(held.values())).toEqual(withoutRevisions(foldedAt(events, at).values()))
          }
          const whole = Math.ceil(from / minuteMs) * minuteMs
          const span = [whole, whole + 20 * minuteMs] as const
          const thinned = await ask(...span, `&step=${minuteMs}`)
          const thin = new Map((thinned.alerts ?? []).map((alert) => [alert.id, alert]))
          for (let at = span[0]; at <= span[1]; at += minuteMs) {
            const until = thinned.alertSteps.filter((step) => step.at < at)
            mergeAlerts(
              thin,
              until.map(({ alert }) => alert),
            )
            expect(withoutRevisions(thin.values())).toEqual(withoutRevisions(foldedAt(events, at).values()))
          }
        }
      }),
      { numRuns: 25 },
    )
  })

  it('come in the order in which they happened, also those of one ms', async () => {
    const one = (what: Happening['what'], afterMs = 0): Happening => ({ what, afterMs, sensor: 'aq-1', priority: 1 })
    const often = Array.from({ length: 4 }, () => [one('shelve'), one('unshelve')]).flat()
    // it is closed by its tenth step or a later one, whose id sorts before those of the steps before
    const events = lived([one('raise'), ...often, one('acknowledge'), one('clear')])
    await store.trimEvents('alert', Number.MAX_SAFE_INTEGER)
    await store.appendEvents(events)
    for (const more of ['', `&step=${minuteMs}`]) {
      const { alertSteps } = await ask(start - minuteMs, start + minuteMs, more)
      const revisions = alertSteps.map(({ alert }) => alert.revision)
      expect(revisions).toEqual(more ? [events.length] : events.map((_, index) => index + 1))
      const held = new Map<string, Alert>()
      const steps = alertSteps.map(({ alert }) => alert)
      mergeAlerts(held, steps)
      expect([...held.keys()]).toEqual([])
    }
  })

  it('are in a list as of a moment what they were then, whatever became of them', async () => {
    const one = (what: Happening['what'], afterMs: number): Happening => ({
      ...{ what, afterMs, sensor: 'aq-1', priority: 1 },
    })
    const events = lived([
      ...[one('raise', 0), one('shelve', minuteMs), one('unshelve', minuteMs), one('clear', minuteMs)],
      one('acknowledge', minuteMs),
    ])
    await store.trimEvents('alert', Number.MAX_SAFE_INTEGER)
    await store.appendEvents(events)
    const states: (string | undefined)[] = []
    for (const minutes of [0, 1, 2, 3, 4]) {
      const asOf = start + minutes * minuteMs
      const query = `sensor=aq-1&from=${start - hourMs}&to=${start + hourMs}&asOf=${asOf}`
      const { alerts } = alertsResponse.parse(await (await get(api, `/api/v1/alerts?${query}`)).json())
      states.push(alerts[0] && (alerts[0].shelved ? 'shelved' : alerts[0].clearedAt ? 'cleared' : 'open'))
    }
    expect(states).toEqual([undefined, 'open', 'shelved', 'open', 'cleared'])
    const openAt = async (asOf: number) => {
      const answer = await get(api, `/api/v1/alerts?sensor=aq-1&asOf=${asOf}`)
      return alertsResponse.parse(await answer.json()).alerts.map(({ id }) => id)
    }
    // without a span: what was open then
    expect(await openAt(start + 4 * minuteMs)).toHaveLength(1)
    expect(await openAt(start + 5 * minuteMs)).toEqual([])
  })
})

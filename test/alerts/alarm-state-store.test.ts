import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AlarmStateStore, alarmStateLimits } from '#alerts/state/alarm-state-store.ts'
import { type Alert, type AlertEvent, alertEventSchema, alertState, mergeAlerts } from '#telemetry/alert.ts'
import type { AlertRule, Priority } from '#telemetry/alert-rule.ts'
import { minuteMs, noon, ruleOf } from './alert-samples.ts'

const rule = ruleOf({ type: 'congestion', index: 2, hysteresis: 0.2, forSeconds: 0 }, 'traffic')
const lan = { by: 'Lan', comment: 'đã báo đội sửa chữa' }

/** A states with a clock and a memory of every step. */
class Case {
  readonly states: AlarmStateStore
  readonly steps: AlertEvent[] = []
  now = noon

  constructor(limits = alarmStateLimits) {
    this.states = new AlarmStateStore(limits)
  }

  do(plan: (states: AlarmStateStore, now: number) => AlertEvent[]): AlertEvent[] {
    this.now += minuteMs
    const events = plan(this.states, this.now)
    this.states.apply(events)
    this.steps.push(...events)
    return events
  }

  raise(sensor = 'counter-1', given: Partial<AlertRule> = {}): Alert | undefined {
    const subject = { kind: 'traffic', sensors: [sensor], district: 'tay-ninh', ward: 'tan-ninh' } as const
    const finding = { value: 2.5, limit: 2, unit: '' } as const
    const raised = this.do((states, now) =>
      states.planRaise({ rule: { ...rule, ...given }, subject, at: now, finding, now }),
    )
    return raised.at(-1)?.alert
  }

  clear(id: string): void {
    this.do((states, now) => states.planClear(id, now, now))
  }

  acknowledge(...ids: string[]): AlertEvent[] {
    return this.do((states, now) => states.planAcknowledge({ ...lan, ids, now }))
  }

  state(id: string) {
    const alert = this.states.get(id)
    return alert && alertState(alert)
  }

  types(): string[] {
    return this.steps.map(({ type }) => type)
  }
}

/** A case with one alert that is raised. */
function raised(given: Partial<AlertRule> = {}) {
  const one = new Case()
  return { one, id: one.raise('counter-1', given)?.id ?? '' }
}

describe('the life of an alert', () => {
  it('goes from raised by acknowledged to closed when it clears', () => {
    const { one, id } = raised()
    expect(one.states.get(id)).toMatchObject({ group: 'tan-ninh/congestion', value: 2.5, limit: 2, occurrences: 1 })
    expect(one.state(id)).toBe('unacknowledged')
    expect(one.acknowledge(id)[0]).toMatchObject({ type: 'acknowledged', ...lan })
    expect(one.state(id)).toBe('acknowledged')
    one.clear(id)
    expect(one.state(id)).toBeUndefined()
    expect(one.steps.at(-1)?.alert).toMatchObject({ clearedAt: one.now, closedAt: one.now, acknowledged: lan })
  })

  it('waits for its acknowledgement when it cleared before', () => {
    const { one, id } = raised()
    one.clear(id)
    expect(one.state(id)).toBe('returned')
    one.acknowledge(id)
    expect(one.state(id)).toBeUndefined()
    expect(one.types()).toEqual(['raised', 'cleared', 'acknowledged'])
  })

  it('is the same alert when it comes again before anyone acknowledged it', () => {
    const { one, id } = raised()
    one.clear(id)
    expect(one.raise()).toMatchObject({ id, occurrences: 2, raisedAt: one.now })
    expect(one.state(id)).toBe('unacknowledged')
    expect(one.raise()).toBeUndefined()
    expect(one.states.size).toBe(1)
  })

  it('asks for no acknowledgement when it is a notice', () => {
    const { one, id } = raised({ priority: 3 })
    one.clear(id)
    expect(one.states.size).toBe(0)
  })

  it('is shelved for a time, returns by itself, and asks for attention as before', () => {
    const { one, id } = raised()
    const until = one.now + 30 * minuteMs
    one.do((states, now) => states.planShelve({ ...lan, ids: [id], now, until }))
    expect(one.state(id)).toBe('shelved')
    one.do((states) => states.planTimeouts(until - 1))
    expect(one.state(id)).toBe('shelved')
    one.do((states) => states.planTimeouts(until))
    expect(one.state(id)).toBe('unacknowledged')
    expect(one.steps.at(-1)).toMatchObject({ type: 'unshelved' })
    expect(one.steps.at(-1)).not.toHaveProperty('by')
  })

  it('that cleared while it was shelved is over when its time is', () => {
    const { one, id } = raised()
    const until = one.now + 30 * minuteMs
    one.do((states, now) => states.planShelve({ ...lan, ids: [id], now, until }))
    one.clear(id)
    one.raise()
    one.clear(id)
    expect(one.state(id)).toBe('shelved')
    one.do((states) => states.planTimeouts(until))
    expect(one.states.size).toBe(0)
  })

  it('is not shelved without a reason when it is critical, nor is anything that was selected with it', () => {
    const { one, id } = raised({ priority: 2 })
    const critical = [1, 2, 3, 4].map((at) => one.raise(`critical-${at}`, { priority: 1 })?.id ?? '')
    const shelve = (comment: string) =>
      one.do((states, now) =>
        states.planShelve({ by: 'Lan', comment, ids: [id, ...critical], now, until: now + minuteMs }),
      )
    for (const empty of ['', ' \n'])
      expect(() => shelve(empty)).toThrow(
        expect.objectContaining({
          code: 'INVALID_REQUEST',
          fault: {
            path: 'body.comment',
            code: 'REASON_NEEDED',
            params: { ids: critical.slice(0, 3), more: 1 },
          },
        }),
      )
    expect([id, ...critical].map((each) => one.state(each))).not.toContain('shelved')
    expect(shelve('đã cử đội sửa chữa')).toHaveLength(5)
    const notCritical = one.do((states, now) =>
      states.planShelve({ by: 'Lan', comment: '', ids: [id], now, until: now + minuteMs }),
    )
    expect(notCritical).toHaveLength(1)
  })

  it('is unshelved by a person too', () => {
    const { one, id } = raised()
    one.do((states, now) => states.planShelve({ ...lan, ids: [id], now, until: now + minuteMs }))
    expect(one.do((states, now) => states.planUnshelve({ ...lan, ids: [id], now }))[0]).toMatchObject({
      type: 'unshelved',
      ...lan,
    })
    expect(one.do((states, now) => states.planUnshelve({ ...lan, ids: [id], now }))).toEqual([])
  })

  it('is given to a team and to another one, keeps that whatever comes, and is taken back', () => {
    const { one, id } = raised()
    const assign = (to: string, name: string, comment = '') =>
      one.do((states, now) => states.planAssign({ by: 'Lan', comment, ids: [id], now, to, name }))
    expect(assign('team:t1', 'Đội chiếu sáng', 'mang thang')[0]).toMatchObject({
      ...{ type: 'assigned', by: 'Lan', comment: 'mang thang' },
      alert: { assigned: { to: 'team:t1', name: 'Đội chiếu sáng', by: 'Lan', at: one.now, comment: 'mang thang' } },
    })
    expect(assign('team:t1', 'Đội chiếu sáng', 'mang thang')).toEqual([])
    expect(assign('team:t1', 'Đội chiếu sáng', 'mang hai thang')).toHaveLength(1)
    expect(assign('person:p1', 'Minh')[0]?.alert.assigned).toMatchObject({ name: 'Minh', comment: '' })
    expect(one.state(id)).toBe('unacknowledged')
    one.clear(id)
    one.raise()
    expect(one.states.get(id)).toMatchObject({ occurrences: 2, assigned: { name: 'Minh' } })
    const [back, ...more] = one.do((states, now) => states.planUnassign({ ...lan, ids: [id], now }))
    expect([back, more]).toMatchObject([{ type: 'unassigned', ...lan }, []])
    expect(back?.alert).not.toHaveProperty('assigned')
    expect(one.do((states, now) => states.planUnassign({ ...lan, ids: [id], now }))).toEqual([])
    one.acknowledge(id)
    assign('team:t1', 'Đội chiếu sáng')
    one.clear(id)
    expect(one.steps.at(-1)?.alert).toMatchObject({ closedAt: one.now, assigned: { to: 'team:t1' } })
    expect(assign('team:t2', 'Đội thoát nước')).toEqual([])
  })

  it('is seen by the first person alone, whatever becomes of it, and anew once it came again', () => {
    const { one, id } = raised()
    const see = (...people: string[]) =>
      one.do((states, now) => states.planSeen([{ id: 'unknown', by: 'An' }, ...people.map((by) => ({ id, by }))], now))
    const [step, ...more] = see('Lan', 'Minh')
    expect([step, more]).toMatchObject([{ type: 'seen', alert: { seen: { by: 'Lan', at: one.now } } }, []])
    // who sees an alert has not handled it
    expect(step).not.toHaveProperty('by')
    expect(see('Minh')).toEqual([])
    const first = one.states.get(id)?.seen
    one.do((states, now) => states.planShelve({ ...lan, ids: [id], now, until: now + minuteMs }))
    one.do((states, now) => states.planUnshelve({ ...lan, ids: [id], now }))
    one.clear(id)
    expect(one.states.get(id)?.seen).toEqual(first)
    one.raise()
    expect(one.states.get(id)).not.toHaveProperty('seen')
    expect(see('Minh')[0]?.alert.seen).toEqual({ by: 'Minh', at: one.now })
    one.acknowledge(id)
    one.clear(id)
    expect(one.steps.at(-1)?.alert).toMatchObject({ closedAt: one.now, seen: { by: 'Minh' } })
    expect(see('An')).toEqual([])
  })

  it('covers a selection with one comment, and leaves out what is unknown or done', () => {
    const one = new Case()
    const ids = ['a', 'b', 'c'].map((sensor) => one.raise(sensor)?.id ?? '')
    one.acknowledge(ids[0] ?? '')
    const events = one.acknowledge(...ids, ...ids, 'unknown')
    expect(events.map(({ alert }) => alert.id)).toEqual(ids.slice(1))
    for (const { alert } of events) expect(alert.acknowledged).toEqual({ ...lan, at: one.now })
  })

  it('names its group of sensors anew when that changes', () => {
    const { one, id } = raised()
    one.do((states, now) => states.planGroupChange(id, ['counter-1', 'counter-2'], now))
    expect(one.states.get(id)).toMatchObject({ sensors: ['counter-1', 'counter-2'], value: 2 })
    expect(one.states.find(rule.id, ['counter-2'])?.id).toBe(id)
    one.do((states, now) => states.planGroupChange(id, ['counter-2'], now))
    expect(one.states.find(rule.id, ['counter-1'])).toBeUndefined()
  })
})

describe('the bounds of the alarm states', () => {
  it('give way where an alert returned to normal, and refuse a new one otherwise', () => {
    const one = new Case({ ...alarmStateLimits, maxOpen: 2 })
    const first = one.raise('a')?.id ?? ''
    one.raise('b')
    expect(one.raise('c')).toBeUndefined()
    one.clear(first)
    expect(one.raise('c')).toBeDefined()
    expect(one.types()).toEqual(['raised', 'raised', 'cleared', 'closed', 'raised'])
    expect(one.states.size).toBe(2)
  })

  it('close what nobody acknowledged for a week after it cleared', () => {
    const { one, id } = raised()
    one.clear(id)
    const clearedAt = one.now
    one.do((states) => states.planTimeouts(clearedAt + alarmStateLimits.returnedMs))
    expect(one.state(id)).toBe('returned')
    one.do((states) => states.planTimeouts(clearedAt + alarmStateLimits.returnedMs + 1))
    expect(one.states.size).toBe(0)
  })
})

const sensors = ['a', 'b', 'c'] as const
const operation = fc.record({
  what: fc.constantFrom(
    'raise',
    'clear',
    'acknowledge',
    'shelve',
    'unshelve',
    'assign',
    'unassign',
    'see',
    'time',
    'carry',
    'skip',
  ),
  sensor: fc.constantFrom(...sensors),
  priority: fc.constantFrom<Priority>(1, 3),
})

function perform(
  one: Case,
  { what, sensor, priority }: typeof operation extends fc.Arbitrary<infer T> ? T : never,
): void {
  const id = one.states.find(rule.id, [sensor])?.id ?? 'none'
  const ids = [id]
  if (what === 'raise') one.raise(sensor, { priority })
  if (what === 'clear') one.clear(id)
  if (what === 'acknowledge') one.acknowledge(id)
  if (what === 'shelve') one.do((states, now) => states.planShelve({ ...lan, ids, now, until: now + 5 * minuteMs }))
  if (what === 'unshelve') one.do((states, now) => states.planUnshelve({ ...lan, ids, now }))
  // each sensor has its own team
  const team = { to: `team:${sensor}`, name: `Đội ${sensor}` }
  if (what === 'assign') one.do((states, now) => states.planAssign({ ...lan, ...team, ids, now }))
  if (what === 'unassign') one.do((states, now) => states.planUnassign({ ...lan, ids, now }))
  if (what === 'see') one.do((states, now) => states.planSeen([{ id, by: lan.by }], now))
  if (what === 'time') one.do((states, now) => states.planTimeouts(now))
  if (what === 'carry') one.do((states, now) => states.planCheckpoint(now))
  if (what === 'skip') one.states.skipRevision(id)
}

describe('whatever happens', () => {
  it('the steps alone give the same states again, and every screen that merges them holds the same', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const one = new Case()
        for (const each of operations) perform(one, each)
        const again = new AlarmStateStore()
        again.apply(one.steps.map((event) => alertEventSchema.parse(JSON.parse(JSON.stringify(event)))))
        const screen = new Map<string, Alert>()
        mergeAlerts(
          screen,
          one.steps.map(({ alert }) => alert),
        )
        // a revision that was left out is no step
        const plain = (alerts: Iterable<Alert>) => [...alerts].map((alert) => ({ ...alert, revision: 0 }))
        expect(plain(again.all())).toEqual(plain(one.states.all()))
        expect(
          plain(screen.values())
            .map(({ id }) => id)
            .sort(),
        ).toEqual(
          plain(one.states.all())
            .map(({ id }) => id)
            .sort(),
        )
      }),
    )
  })

  it('a rule has one open alert at a sensor at most, and revisions only grow', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const one = new Case()
        const revisions = new Map<string, number>()
        for (const each of operations) {
          const before = one.steps.length
          perform(one, each)
          for (const { alert } of one.steps.slice(before)) {
            expect(alert.revision).toBeGreaterThan(revisions.get(alert.id) ?? 0)
            revisions.set(alert.id, alert.revision)
          }
          for (const sensor of sensors)
            expect([...one.states.all()].filter((alert) => alert.sensors.includes(sensor)).length).toBeLessThanOrEqual(
              1,
            )
        }
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AlertFilter, type AlertSearch, type AlertsFound, maxHandlers } from '#storage/alert-search.ts'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { type Alert, type AlertEvent, alertEventSchema, alertState, alertStates } from '#telemetry/alert.ts'
import { alert as foreign, start } from './store-samples.ts'

const people = ['An', 'minh/key', 'O\'Neil "x"', 'Nguyễn Thị Hồng']
const districts = ['tay-ninh', 'hoa-thanh'] as const
/** ms after `start` in which everything happens */
const spanMs = 1_000
const now = start + spanMs

const time = fc.integer({ min: start, max: start + spanMs })
const doer = fc.record({ by: fc.constantFrom(...people), at: time, comment: fc.constantFrom('', 'đã xem "nó" \\') })
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

/** An alert as one of its steps leaves it. */
const alertArbitrary: fc.Arbitrary<Alert> = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'checkpoint'),
  revision: fc.integer({ min: 1, max: 12 }),
  rule: fc.constantFrom('pm25-high', 'silent'),
  name: fc.constant({ vi: 'Bụi mịn cao', en: 'Fine dust high' }),
  cause: fc.constantFrom('threshold', 'silence'),
  priority: fc.constantFrom(1, 2, 3),
  kind: fc.constantFrom('air-quality', 'traffic'),
  sensors: fc.uniqueArray(fc.constantFrom('aq-1', 'aq-2', 'aq-3'), { minLength: 1 }),
  district: fc.constantFrom(...districts),
  ward: maybe(fc.constantFrom('tan-ninh', 'long-hoa')),
  group: fc.constant('tay-ninh/limit'),
  value: maybe(fc.constantFrom(180.5, 'off')),
  unit: fc.constant('µg/m³'),
  raisedAt: time,
  occurrences: fc.constant(1),
  clearedAt: maybe(time),
  closedAt: maybe(time),
  acknowledged: maybe(doer),
  seen: maybe(fc.record({ by: fc.constantFrom(...people), at: time })),
  assigned: maybe(
    fc.record({
      ...{ to: fc.constantFrom('person:lan', 'team:lights'), name: fc.constantFrom('Lan', 'Đội "chiếu sáng"') },
      ...{ by: fc.constantFrom(...people), at: time, comment: fc.constant('') },
    }),
  ),
  shelved: maybe(fc.record({ by: fc.constantFrom(...people), at: time, until: time, comment: fc.constant('') })),
}) as fc.Arbitrary<Alert> // what is undefined is left out once it is JSON

const stepArbitrary = fc.record({
  type: fc.constantFrom('raised', 'acknowledged', 'assigned', 'seen', 'closed', 'carried'),
  at: time,
  by: maybe(fc.constantFrom(...people)),
  alert: alertArbitrary,
})

const few = <T>(values: readonly T[]) =>
  maybe(fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }))
const filterArbitrary: fc.Arbitrary<AlertFilter> = fc.record({
  state: few(alertStates),
  priority: few([1, 2, 3]),
  cause: few(['threshold', 'silence', 'nothing']),
  district: few(districts),
  ward: few(['tan-ninh', 'long-hoa']),
  kind: few(['air-quality', 'lighting']),
  sensor: few(['aq-1', 'aq-2', "x' OR 1=1 --"]),
  rule: few(['pm25-high', 'silent']),
  assignee: few(['person:lan', 'team:lights', 'team:gone', 'nobody']),
  by: few([...people, 'nobody']),
})
/** mostly a few filters: all at once let nothing through */
const someFilters = fc
  .tuple(
    filterArbitrary,
    fc.subarray(['state', 'priority', 'sensor', 'assignee', 'by', 'ward', 'kind', 'rule'] as const, { maxLength: 2 }),
  )
  .map(([filter, names]): AlertFilter => Object.fromEntries(names.map((name) => [name, filter[name]])))
const searchArbitrary = fc
  .tuple(
    fc.oneof(someFilters, filterArbitrary),
    fc.record({ from: time, to: time, limit: fc.integer({ min: 1, max: 4 }), offset: fc.nat({ max: 3 }) }),
    fc.boolean(),
    fc.record({ stepsFrom: time, stepsTo: time }, { requiredKeys: [] }),
  )
  .map(([filter, page, whole, steps]) => ({
    ...{ ...filter, ...page, ...steps, now },
    ...(whole && { from: 0, to: now + 1 }),
  }))

/** As JSON carries it. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value))

const stored = (body: AlertEvent): StoredEvent => ({
  ...{ stream: 'alert', id: `${body.alert.id}-${body.alert.revision}`, ts: body.at, body },
})

/** The same answered from everything there is. */
function lookedThrough(events: readonly StoredEvent[], search: AlertSearch): AlertsFound {
  const { from, to, stepsFrom = from, stepsTo = Number.POSITIVE_INFINITY, open, limit, offset } = search
  const newest = new Map(open.map((alert) => [alert.id, alert]))
  const stepsTaken: [string, string][] = []
  for (const { ts, body } of events) {
    const { data } = alertEventSchema.safeParse(body)
    if (!data || ts < stepsFrom || ts >= stepsTo) continue
    const { alert, by } = data
    if (by !== undefined) stepsTaken.push([alert.id, by])
    if (alert.revision > (newest.get(alert.id)?.revision ?? 0)) newest.set(alert.id, alert)
  }
  const namesOf = ({ id, acknowledged, assigned, shelved }: Alert) => {
    const names = [
      acknowledged?.by,
      assigned?.by,
      shelved?.by,
      ...stepsTaken.filter(([of]) => of === id).map(([, by]) => by),
    ]
    return [...new Set(names.filter((name) => name !== undefined))].sort()
  }
  const within = [...newest.values()].filter(({ raisedAt, clearedAt = now }) => raisedAt < to && clearedAt >= from)
  const any = (wanted: readonly unknown[] | undefined, ...of: unknown[]) =>
    wanted === undefined || of.some((each) => wanted.includes(each))
  const fitting = within.filter(
    (alert) =>
      any(search.state, alertState(alert)) &&
      any(search.sensor, ...alert.sensors) &&
      any(search.by, ...namesOf(alert)) &&
      any(search.assignee, alert.assigned?.to ?? 'nobody') &&
      (['priority', 'cause', 'district', 'ward', 'kind', 'rule'] as const).every((name) =>
        any(search[name], alert[name]),
      ),
  )
  fitting.sort((a, b) => b.raisedAt - a.raisedAt || (a.id < b.id ? -1 : 1))
  const alerts = fitting.slice(offset, offset + limit)
  return {
    total: fitting.length,
    alerts,
    handledBy: Object.fromEntries(
      alerts.map((alert) => [alert.id, namesOf(alert)] as const).filter(([, by]) => by.length > 0),
    ),
    handlers: [...new Set(within.flatMap(namesOf))].sort(),
    complete: true,
  }
}

const inOrder = (found: AlertsFound): AlertsFound => ({
  ...found,
  handledBy: Object.fromEntries(Object.entries(found.handledBy).map(([id, names]) => [id, names.toSorted()])),
})

/** What a store promises of searching alerts; `opened` gives the store of the running test. */
export function alertsContract(opened: () => TelemetryStore): void {
  describe('searches of alerts', () => {
    const none: AlertSearch = { from: 0, to: now, now, open: [], limit: 10, offset: 0 }

    it('find none in a new store, and what only the caller knows', async () => {
      expect(await opened().searchAlerts(none)).toEqual({
        ...{ total: 0, alerts: [], handledBy: {}, handlers: [], complete: true },
      })
      const [known] = fc.sample(alertArbitrary, { numRuns: 1, seed: 1 }).map(plain)
      if (!known) throw new Error('there is no sample')
      const open = [{ ...known, clearedAt: undefined, raisedAt: start }].map(plain)
      expect(await opened().searchAlerts({ ...none, open })).toMatchObject({ total: 1, alerts: open })
    })

    it('name the first of too many who handled any, by name, in whatever order they come', async () => {
      const [sample] = fc.sample(alertArbitrary, { numRuns: 1, seed: 1 }).map(plain)
      if (!sample) throw new Error('there is no sample')
      const names = Array.from({ length: maxHandlers + 50 }, (_, n) => `person-${String(n).padStart(4, '0')}`)
      const steps = names.map((by, n): AlertEvent => {
        const alert = {
          ...sample,
          id: `a${n}`,
          revision: 1,
          raisedAt: start,
          acknowledged: undefined,
          assigned: undefined,
          shelved: undefined,
        }
        return plain({ type: 'acknowledged', at: start + n, by, alert: { ...alert, clearedAt: undefined } })
      })
      await opened().appendEvents(steps.map(stored))
      const { handlers } = await opened().searchAlerts({ ...none, from: start, to: now + 1 })
      expect(handlers).toEqual(names.slice(0, maxHandlers))
    })

    it('give what looking through every step gives: filters, pages, total and who handled what', async () => {
      const steps = fc.uniqueArray(stepArbitrary, {
        ...{ maxLength: 30, selector: ({ alert: { id, revision } }: { alert: Alert }) => `${id}-${revision}` },
      })
      const open = fc.uniqueArray(alertArbitrary, { maxLength: 3, selector: ({ id }) => id })
      const others = [
        foreign('checkpoint-x', start + 5, { type: 'checkpoint', at: start + 5 }),
        foreign('odd-1', start + 6, 'a word'),
        foreign('odd-2', start + 7, { alert: { id: 'a', revision: 'x' } }),
        foreign('odd-3', start + 8, null),
      ]
      await fc.assert(
        fc.asyncProperty(
          steps,
          open,
          fc.array(searchArbitrary, { minLength: 1, maxLength: 8 }),
          async (some, held, searches) => {
            await opened().trimEvents('alert', now + 1)
            const taken = new Set(some.map(({ alert: { id, revision } }) => `${id}-${revision}`))
            // two copies of one revision never differ
            const known = held.map(plain).filter(({ id, revision }) => !taken.has(`${id}-${revision}`))
            const events = [...others, ...some.map((step) => stored(plain(step)))]
            await opened().appendEvents(events)
            for (const search of searches) {
              const asked = { ...search, open: known }
              expect(inOrder(await opened().searchAlerts(asked))).toEqual(lookedThrough(events, asked))
            }
          },
        ),
        { numRuns: 25 },
      )
    })

    it('look through more steps than one page holds, many of one millisecond', async () => {
      const [sample] = fc.sample(alertArbitrary, { numRuns: 1, seed: 2 }).map(plain)
      if (!sample) throw new Error('there is no sample')
      const events = Array.from({ length: 7_000 }, (_, i) =>
        stored({
          ...{ type: 'raised', at: start + Math.floor(i / 3_000) },
          alert: {
            ...sample,
            id: `n${i % 3_500}`,
            revision: 1 + Math.floor(i / 3_500),
            raisedAt: start - 7_000 + i,
            clearedAt: now,
          },
        }),
      )
      await opened().appendEvents(events)
      const found = await opened().searchAlerts({ ...none, limit: 1_000, offset: 2_000 })
      expect(found).toMatchObject({ total: 3_500, complete: true })
      expect(found.alerts.map(({ id, revision }) => `${id}-${revision}`)).toEqual(
        Array.from({ length: 1_000 }, (_, i) => `n${1_499 - i}-2`),
      )
    })

    it('end with their caller', async () => {
      const gone = new Error('the caller is gone')
      await expect(opened().searchAlerts(none, { signal: AbortSignal.abort(gone) })).rejects.toBe(gone)
    })
  })
}

import { describe, expect, it } from 'vitest'
import type { Alert, AlertEvent } from '#telemetry/alert.ts'
import { causes } from '#telemetry/alert-condition.ts'
import type { Priority } from '#telemetry/alert-rule.ts'
import type { Cause } from '#telemetry/conditions/conditions.ts'
import { countBySeverity, severitiesOf } from '#telemetry/severity.ts'
import { floodRows, rowsOf, sortAlerts } from '../../dashboard/src/alerts/alert-order.ts'
import { Announcer, announceEveryMs, namedAtOnce } from '../../dashboard/src/alerts/announcer.ts'
import { barMs, barsOf } from '../../dashboard/src/alerts/dry-run-bars.ts'

const now = Date.UTC(2026, 10, 25, 12)
let made = 0
const alert = (given: Partial<Alert> & { priority?: Priority; cause?: Cause } = {}): Alert => {
  made += 1
  const { cause = 'threshold', ward = 'tan-ninh' } = given
  return {
    ...{ id: `a${made}`, revision: 1, rule: 'rule', name: { vi: 'Tên', en: 'Name' }, priority: 2, kind: 'lighting' },
    ...{ sensors: [`lamp-${made}`], district: 'tay-ninh', unit: 'V', raisedAt: now, occurrences: 1 },
    ...{ cause, ward, group: `${ward}/${cause}`, ...given },
  }
}
const acknowledged = { by: 'Lan', at: now, comment: '' }
const shelved = (until: number) => ({ by: 'Lan', at: now, until, comment: '' })
const idsOf = (alerts: readonly Alert[]) => alerts.map(({ id }) => id)

describe('open alerts on the page', () => {
  it('are sorted by priority and then the newest first, whatever they come in', () => {
    const old = alert({ raisedAt: now - 1 })
    const fresh = alert({ raisedAt: now })
    const critical = alert({ priority: 1, raisedAt: now - 9_999 })
    expect(idsOf(sortAlerts([old, fresh, critical]).unacknowledged)).toEqual(idsOf([critical, fresh, old]))
  })

  it('stay among the unacknowledged when they are over, until somebody acknowledges them', () => {
    const over = alert({ clearedAt: now })
    const known = alert({ acknowledged })
    const gone = alert({ acknowledged, clearedAt: now, closedAt: now })
    const sorted = sortAlerts([over, known, gone])
    expect(idsOf(sorted.unacknowledged)).toEqual([over.id])
    expect(idsOf(sorted.watched)).toEqual([known.id])
  })

  it('ask for nobody when they are notices, and are apart while shelved, the next to return first', () => {
    const notice = alert({ priority: 3 })
    const [late, soon] = [alert({ shelved: shelved(now + 2) }), alert({ shelved: shelved(now + 1) })]
    const sorted = sortAlerts([notice, late, soon])
    expect(sorted.unacknowledged).toEqual([])
    expect(idsOf(sorted.watched)).toEqual([notice.id])
    expect(idsOf(sorted.shelved)).toEqual([soon.id, late.id])
  })

  it('give their sensors the gravest severity of them, as long as they are active and not shelved', () => {
    const sensors = ['one', 'two']
    const severities = severitiesOf([
      alert({ sensors, priority: 2 }),
      alert({ sensors: ['two'], priority: 1 }),
      alert({ sensors: ['over'], clearedAt: now }),
      alert({ sensors: ['away'], shelved: shelved(now + 1) }),
      alert({ sensors: ['noted'], priority: 3 }),
    ])
    expect([...severities]).toEqual([
      ['one', 2],
      ['two', 1],
      ['noted', 3],
    ])
  })

  it('are counted by severity', () => {
    const some = [alert({ priority: 1, sensors: ['a', 'b', 'c'] }), alert(), alert(), alert({ priority: 3 })]
    expect(countBySeverity(some)).toEqual({ 1: 1, 2: 2, 3: 1 })
  })

  it('are one row each as long as they are few', () => {
    const few = Array.from({ length: floodRows }, () => alert())
    expect(rowsOf(few).map(({ alerts }) => alerts.length)).toEqual(few.map(() => 1))
  })

  it('of a flood of 500 become one row for each ward, cause and priority, and none is lost', () => {
    const wards = ['tan-ninh', 'binh-minh', 'long-hoa']
    const flood = Array.from({ length: 500 }, (_, at) =>
      alert({ ward: wards[at % 3] ?? '', cause: causes[at % 2] ?? 'silence', priority: at % 5 === 0 ? 1 : 2 }),
    )
    const lonely = alert({ ward: 'ninh-thanh', priority: 1 })
    const rows = rowsOf(sortAlerts([...flood, lonely]).unacknowledged)
    expect(rows.length).toBe(3 * 2 * 2 + 1)
    expect(rows.flatMap(({ alerts }) => idsOf(alerts)).toSorted()).toEqual(idsOf([...flood, lonely]).toSorted())
    for (const { alerts } of rows)
      expect(new Set(alerts.map(({ group, priority }) => `${priority}${group}`)).size).toBe(1)
    expect(rows.find(({ alerts }) => alerts[0].id === lonely.id)?.alerts).toHaveLength(1)
  })
})

describe('the announcer', () => {
  const raised = (of: Alert): AlertEvent => ({ type: 'raised', at: now, alert: of })
  it('says new critical alerts only', () => {
    const announcer = new Announcer()
    announcer.add([raised(alert({ priority: 2 })), raised(alert({ priority: 1, shelved: shelved(now + 1) }))])
    expect(announcer.due(0)).toBeUndefined()
    const critical = alert({ priority: 1 })
    announcer.add([raised(critical)])
    expect(announcer.due(0)).toEqual({ named: [critical], more: 0 })
    expect(announcer.due(announceEveryMs)).toBeUndefined()
  })

  it('speaks at most every 5 s, and counts those that are too many to name', () => {
    const announcer = new Announcer()
    announcer.add([raised(alert({ priority: 1 }))])
    expect(announcer.due(0)).toBeDefined()
    announcer.add(Array.from({ length: 10 }, () => raised(alert({ priority: 1 }))))
    expect(announcer.due(announceEveryMs - 1)).toBeUndefined()
    const said = announcer.due(announceEveryMs)
    expect(said?.named).toHaveLength(namedAtOnce)
    expect(said?.more).toBe(10 - namedAtOnce)
  })

  it('says nothing of what was acknowledged before it could be said', () => {
    const announcer = new Announcer()
    const critical = alert({ priority: 1 })
    announcer.add([raised(critical)])
    announcer.add([{ type: 'acknowledged', at: now, alert: { ...critical, acknowledged } }])
    expect(announcer.due(0)).toBeUndefined()
  })
})

describe('the bars of a dry run', () => {
  it('count what began in each quarter of a day', () => {
    const sensors = ['lamp-1']
    const at = (bar: number) => ({ sensors, raisedAt: now + bar * barMs + 1 })
    const bars = barsOf({ from: now, to: now + 4 * barMs, alerts: [at(0), at(0), at(3)] })
    expect(bars).toEqual([2, 0, 0, 1])
  })
})

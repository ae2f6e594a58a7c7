import { describe, expect, it } from 'vitest'
import {
  type Alert,
  type AlertEvent,
  alertEventSchema,
  alertSchema,
  alertState,
  mergeAlerts,
} from '#telemetry/alert.ts'
import { causes, conditionSchema } from '#telemetry/alert-condition.ts'
import {
  type AlertResponse,
  type AlertRulesResponse,
  type AlertsChanged,
  type AlertsResponse,
  acknowledgeBody,
  alertResponse,
  alertRulesResponse,
  alertsChangedResponse,
  alertsResponse,
  changedAlertRuleBody,
  type DryRunResponse,
  dryRunBody,
  dryRunResponse,
  maxDryRunAlerts,
  maxShelfMs,
  type NotificationsResponse,
  newAlertRuleBody,
  notificationsResponse,
  shelveBody,
  unshelveBody,
} from '#telemetry/alert-rest.ts'
import {
  type AlertRule,
  type AlertRuleDraft,
  alertRuleDraftSchema,
  alertRuleSchema,
  maxRules,
  type Priority,
  type Scope,
} from '#telemetry/alert-rule.ts'
import { type Failure, failures } from '#telemetry/conditions/conditions.ts'
import { minuteMs } from '#telemetry/durations.ts'
import type { DeadNotification } from '#telemetry/notification.ts'

const now = Date.UTC(2026, 10, 25, 12)
const priority: Priority = 2
const scope: Scope = { kind: 'lighting', wards: ['tan-ninh'] }
const draft: AlertRuleDraft = {
  name: { vi: 'Điện áp ngoài 230 V ± 10 %', en: 'Supply outside 230 V ± 10 %' },
  enabled: true,
  priority,
  scope,
  condition: { type: 'threshold', value: 'voltage', above: 253, below: 207, hysteresis: 2, forSeconds: 60 },
  notify: 'by-priority',
}
const rule: AlertRule = { ...draft, id: 'supply-voltage', version: 1, changedBy: 'system', changedAt: now }
const alert: Alert = {
  id: 'a1',
  revision: 1,
  rule: rule.id,
  name: rule.name,
  cause: 'threshold',
  priority,
  kind: 'lighting',
  sensors: ['lamp-1'],
  district: 'tay-ninh',
  ward: 'tan-ninh',
  group: 'tan-ninh/threshold',
  value: 199.5,
  valueName: 'voltage',
  limit: 207,
  unit: 'V',
  raisedAt: now,
  occurrences: 1,
}

const faultsOf = (given: object) => alertRuleDraftSchema.safeParse({ ...draft, ...given }).error?.issues ?? []

describe('a rule', () => {
  it('passes its schema as it is, and a draft gets its defaults', () => {
    expect(alertRuleSchema.parse(rule)).toEqual(rule)
    const short = { name: draft.name, priority: 1, scope: { kind: 'traffic' }, condition: { type: 'congestion' } }
    expect(alertRuleDraftSchema.parse(short)).toMatchObject({
      enabled: true,
      notify: 'by-priority',
      condition: { index: 2, hysteresis: 0.2, forSeconds: 300 },
    })
  })

  it('knows every cause', () => {
    expect(conditionSchema.options.map(({ shape }) => shape.type.value)).toEqual([...causes])
  })

  it.each<[string, object, string]>([
    ['a value that its kind does not have', { condition: { type: 'threshold', value: 'pm25', above: 1 } }, 'no value'],
    [
      'a level that its kind does not tell',
      { condition: { type: 'own-level', value: 'voltage', level: 'freeFlowSpeed' } },
      'is no level',
    ],
    [
      'a level in another unit',
      { condition: { type: 'own-level', value: 'voltage', level: 'nominalPower' } },
      'is no level',
    ],
    ['a size of a word', { condition: { type: 'threshold', value: 'powerState', above: 1 } }, 'is a word'],
    ['a threshold without a limit', { condition: { type: 'threshold', value: 'voltage' } }, 'needs above, below'],
    [
      'limits that leave no room',
      { condition: { type: 'threshold', value: 'voltage', above: 1, below: 2 } },
      'must be smaller',
    ],
    ['congestion of lamps', { condition: { type: 'congestion' } }, 'must be traffic'],
    [
      'lamp faults of a group of counters',
      { scope: { kind: 'traffic' }, condition: { type: 'group', failures: ['lamp-dark'] satisfies Failure[] } },
      'is for kind lighting',
    ],
  ])('does not take %s', (_what, given, words) => {
    expect(faultsOf(given).map(({ message }) => message)).toEqual([expect.stringContaining(words)])
  })

  it('may be about a group that fails in any of the known ways', () => {
    expect(faultsOf({ condition: { type: 'group', failures: [...failures] } })).toEqual([])
    expect(maxRules).toBeGreaterThan(causes.length)
  })
})

describe('an alert', () => {
  const acknowledged = { by: 'Lan', at: now, comment: '' }
  const shelved = { by: 'Lan', at: now, until: now + 1, comment: '' }
  it.each<[string, Partial<Alert>]>([
    ['unacknowledged', {}],
    ['acknowledged', { acknowledged }],
    ['returned', { clearedAt: now }],
    ['shelved', { shelved, clearedAt: now }],
    ['closed', { acknowledged, clearedAt: now, closedAt: now }],
  ])('is %s by what happened to it', (state, happened) => {
    expect(alertState(alertSchema.parse({ ...alert, ...happened }))).toBe(state)
  })

  it('is replaced by newer copies only, and leaves the list when it is closed', () => {
    const held = new Map<string, Alert>()
    const second = { ...alert, revision: 2, acknowledged }
    const event: AlertEvent = { type: 'acknowledged', at: now, by: 'Lan', comment: '', alert: second }
    expect(alertEventSchema.parse(event)).toEqual(event)
    expect(mergeAlerts(held, [alert, event.alert, alert])).toEqual([alert, second])
    expect(held.get(alert.id)).toEqual(second)
    mergeAlerts(held, [{ ...second, revision: 3, clearedAt: now, closedAt: now }])
    expect(held.size).toBe(0)
  })
})

describe('requests and answers about alerts', () => {
  it('take a selection with one comment', () => {
    expect(acknowledgeBody.parse({ ids: ['a1', 'a2'] })).toEqual({ ids: ['a1', 'a2'], comment: '' })
    expect(unshelveBody.safeParse({ ids: [] }).success).toBe(false)
  })

  it('shelve until a moment or for some minutes, not both and at most a week by minutes', () => {
    const ids = ['a1']
    expect(shelveBody.safeParse({ ids, minutes: 30 }).success).toBe(true)
    expect(shelveBody.safeParse({ ids, until: now }).success).toBe(true)
    expect(shelveBody.safeParse({ ids }).success).toBe(false)
    expect(shelveBody.safeParse({ ids, minutes: 30, until: now }).success).toBe(false)
    expect(shelveBody.safeParse({ ids, minutes: maxShelfMs / minuteMs + 1 }).success).toBe(false)
  })

  it('take rules whole, changed ones with the version that was read', () => {
    expect(newAlertRuleBody.parse({ rule: draft })).toEqual({ rule: draft })
    expect(changedAlertRuleBody.safeParse({ rule: draft }).success).toBe(false)
    expect(dryRunBody.parse({ rule: draft }).days).toBe(7)
  })

  it('answer in the shapes that the page knows', () => {
    const handled = { handledBy: { [alert.id]: ['An'] }, handlers: ['An'] }
    const list: AlertsResponse = { now, watching: true, total: 1, alerts: [alert], ...handled, complete: true }
    const one: AlertResponse = { alert, events: [] }
    const changed: AlertsChanged = { changed: [alert], unchanged: ['a2'] }
    const rules: AlertRulesResponse = { rules: [rule] }
    const found = { sensors: ['lamp-1'], raisedAt: now, clearedAt: now + 1, value: 199.5 }
    const dryRun: DryRunResponse = {
      ...{ from: now, to: now + 1, total: 12, sensors: 3, readings: 9, complete: true },
      alerts: Array.from({ length: maxDryRunAlerts }, () => found),
    }
    const dead: DeadNotification = {
      ...{ id: 'n1', channel: 'webhook', to: 'hooks.example', subject: 'Nhịp', alerts: ['a1'] },
      ...{ at: now, diedAt: now + 1, attempts: 8, fault: 'HTTP 500' },
    }
    const letters: NotificationsResponse = { total: 1, notifications: [dead] }
    expect(alertsResponse.parse(list)).toEqual(list)
    expect(alertResponse.parse(one)).toEqual(one)
    expect(alertsChangedResponse.parse(changed)).toEqual(changed)
    expect(alertRulesResponse.parse(rules)).toEqual(rules)
    expect(dryRunResponse.parse(dryRun)).toEqual(dryRun)
    expect(notificationsResponse.parse(letters)).toEqual(letters)
  })
})

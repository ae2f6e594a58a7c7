import type { TelemetryStore } from '#storage/store.ts'
import type { AlertEvent } from '#telemetry/alert.ts'
import type { AlertRequest, CurrentAlerts } from '#telemetry/alert-requests.ts'
import type { AlertRulesResponse, AlertsChanged, NotificationsResponse } from '#telemetry/alert-rest.ts'
import type { AlertRule, AlertRuleDraft } from '#telemetry/alert-rule.ts'
import type { ClockHours } from '#telemetry/clock-hours.ts'
import { dryRun } from '../dry-run/dry-run.ts'
import type { EvaluationEngine } from '../engine/evaluation-engine.ts'
import { ConflictError, TooSlowError } from '../errors.ts'
import type { Notifier } from '../notify/notifier.ts'
import type { RuleStore } from '../rules/rule-store.ts'
import type { AlarmTransitions, Plan } from '../state/alarm-transitions.ts'

/** ms that a dry run may take, shorter than the api waits for it */
const longestDryRunMs = 50_000

/** What is asked for on behalf of people, and what it needs. */
export interface RequestExecutorOptions {
  transitions: AlarmTransitions
  rules: RuleStore
  engine: EvaluationEngine
  notifier: Notifier
  store: TelemetryStore
  /** session and number of the last batch of events that was sent */
  position: () => { session: string; seq: number }
  /** epoch ms */
  clock: () => number
  /** of the city's clock */
  hours: ClockHours
  /** ms that a dry run may take; 50 s unless told otherwise */
  longestDryRunMs?: number | undefined
}

/** Answers a request, until who asked has gone (`signal`). @throws PlatformError, whose code and words go to who asked */
export type ExecuteRequest = (request: AlertRequest, signal: AbortSignal) => Promise<unknown>

/** Creates what executes the requests of an api: operator actions, changes of rules, dry runs. A change is on disk when the answer goes out. */
export function createRequestExecutor(parts: RequestExecutorOptions): ExecuteRequest {
  const { transitions, rules, engine, notifier, store, clock, hours } = parts
  const applyRules = async (change: Promise<AlertRule>): Promise<AlertRule> => {
    const rule = await change
    engine.setRules(rules.all())
    return rule
  }
  let isDryRunning = false
  const startDryRun = async (rule: AlertRuleDraft, days: number, now: number, gone: AbortSignal) => {
    if (isDryRunning) throw new ConflictError({ code: 'DRY_RUN_UNDER_WAY', params: {} })
    isDryRunning = true
    const sensors = engine.sensorsIn(rule.scope)
    const ofKind = engine.sensorsIn({ kind: rule.scope.kind }).length
    const longestMs = parts.longestDryRunMs ?? longestDryRunMs
    const ending = new AbortController()
    const late = setTimeout(() => {
      ending.abort(new TooSlowError({ code: 'DRY_RUN_TOO_LONG', params: { seconds: longestMs / 1_000 } }))
    }, longestMs)
    const signal = AbortSignal.any([gone, ending.signal])
    return dryRun({ store, rule, sensors, ofKind, days, now, hours, signal }).finally(() => {
      clearTimeout(late)
      isDryRunning = false
    })
  }
  const act = async (ids: readonly string[], plan: Plan) => changed(ids, await transitions.applyOperatorAction(plan))
  return async (request, signal) => {
    const now = clock()
    switch (request.type) {
      case 'current':
        return { ...parts.position(), alerts: [...transitions.states.all()] } satisfies CurrentAlerts
      case 'acknowledge':
        return act(request.ids, (states) => states.planAcknowledge({ ...request, now }))
      case 'assign':
        return act(request.ids, (states) => states.planAssign({ ...request, now }))
      case 'unassign':
        return act(request.ids, (states) => states.planUnassign({ ...request, now }))
      case 'shelve':
        return act(request.ids, (states) => states.planShelve({ ...request, now }))
      case 'unshelve':
        return act(request.ids, (states) => states.planUnshelve({ ...request, now }))
      case 'mark-seen':
        // nobody waits for it: stored as what evaluation finds
        transitions.apply((states) => states.planSeen(request.seen, now))
        return {}
      case 'rules':
        return { rules: rules.all() } satisfies AlertRulesResponse
      case 'add-rule':
        return applyRules(rules.add(request.rule, request.id, { by: request.by, now }))
      case 'change-rule':
        return applyRules(rules.change(request.id, request.version, request.rule, { by: request.by, now }))
      case 'remove-rule':
        return applyRules(rules.remove(request.id, { by: request.by, now }))
      case 'dry-run':
        return startDryRun(request.rule, request.days, now, signal)
      case 'cancel':
        return undefined // taken before it comes here
      case 'notifications':
        return (await notifier.undelivered(request.limit)) satisfies NotificationsResponse
      case 'replay-notification':
        return notifier.replay(request.id)
    }
  }
}

function changed(ids: readonly string[], events: readonly AlertEvent[]): AlertsChanged {
  const done = new Set(events.map(({ alert }) => alert.id))
  return { changed: events.map(({ alert }) => alert), unchanged: [...new Set(ids)].filter((id) => !done.has(id)) }
}

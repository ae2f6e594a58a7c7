import { z } from 'zod'
import {
  alertRulesResponse,
  type DryRunResponse,
  dryRunResponse,
  type NotificationsResponse,
  notificationsResponse,
} from '#telemetry/alert-rest.ts'
import { type AlertRule, type AlertRuleDraft, alertRuleSchema } from '#telemetry/alert-rule.ts'
import { get, send } from '../live/api-client.ts'

const nothing = z.unknown()
const pathOf = (id: string) => `/alert-rules/${encodeURIComponent(id)}`

/** What of a rule somebody may write: the api refuses the rest by name. */
export function writtenOf({
  id: _id,
  version: _version,
  changedBy: _by,
  changedAt: _at,
  ...rule
}: AlertRule): AlertRuleDraft {
  return rule
}

/** Every rule. Throws ApiError, as all of these do. */
export const fetchRules = async (): Promise<AlertRule[]> =>
  (await get('/alert-rules', alertRulesResponse, undefined, 'rules')).rules

/** Adds a rule. */
export const addRule = (rule: AlertRuleDraft): Promise<AlertRule> =>
  send('POST', '/alert-rules', { rule }, alertRuleSchema)

/** Changes a rule; refused with status 409 when somebody else has changed it since. */
export const changeRule = ({ id, version }: AlertRule, rule: AlertRuleDraft): Promise<AlertRule> =>
  send('PUT', pathOf(id), { version, rule }, alertRuleSchema)

/** Deletes a rule. */
export async function removeRule({ id }: AlertRule): Promise<void> {
  await send('DELETE', pathOf(id), undefined, nothing)
}

/** What a rule would have raised in the last 7 days; may take a minute. */
export const tryRule = (rule: AlertRuleDraft): Promise<DryRunResponse> =>
  send('POST', '/alert-rules/dry-run', { rule, days: 7 }, dryRunResponse, dryRunTimeoutMs)

const dryRunTimeoutMs = 120_000

/** What could not be delivered to the outside. */
export const fetchNotifications = (): Promise<NotificationsResponse> =>
  get('/notifications?limit=200', notificationsResponse, undefined, 'notifications')

/** Tries one of them again. */
export async function replayNotification(id: string): Promise<void> {
  await send('POST', `/notifications/${encodeURIComponent(id)}/replay`, {}, nothing)
}

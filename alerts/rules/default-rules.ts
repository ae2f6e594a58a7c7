import { type AlertRuleDraft, alertRuleDraftSchema } from '#telemetry/alert-rule.ts'
import { kindOf, kinds } from '#telemetry/kinds.ts'

/**
 * Id and content of each rule of a new installation, kind by kind. How long each must last is an own choice, so that an ordinary
 * day does not drown the operator: a rush hour is no alert, a road that stands for 10 minutes is one.
 */
export function defaultRules(): [id: string, rule: AlertRuleDraft][] {
  return kinds.flatMap((kind) =>
    Object.entries(kindOf(kind).rules).map(([id, rule]): [string, AlertRuleDraft] => [
      id,
      alertRuleDraftSchema.parse({ ...rule, scope: { kind } }),
    ]),
  )
}

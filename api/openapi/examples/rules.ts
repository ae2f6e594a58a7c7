import type { DryRunResponse } from '#telemetry/alert-rest.ts'
import type { AlertRule, AlertRuleDraft } from '#telemetry/alert-rule.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import type { OperationExamples } from './operation-examples.ts'
import { exampleAt, exampleStation } from './shared.ts'

const rule = {
  name: { vi: 'PM2.5 cao', en: 'High PM2.5' },
  enabled: true,
  priority: 2,
  scope: { kind: 'air-quality' },
  condition: { type: 'threshold', value: 'pm25', above: 75, hysteresis: 5, forSeconds: 600 },
  notify: 'by-priority',
} satisfies AlertRuleDraft

const id = 'high-pm2-5'
const kept = (version: number): AlertRule => ({ ...rule, id, version, changedBy: 'Bình', changedAt: exampleAt })

const dryRun = {
  from: exampleAt - 7 * dayMs,
  to: exampleAt,
  total: 1,
  sensors: 1,
  readings: 20_160,
  alerts: [{ sensors: [exampleStation], raisedAt: exampleAt - 7_200_000, clearedAt: exampleAt - hourMs, value: 85.3 }],
  complete: true,
} satisfies DryRunResponse

/** Of the routes about the rules that raise alerts. */
export const ruleExamples: Readonly<Record<string, OperationExamples>> = {
  listAlertRules: { answer: { rules: [kept(1)] } },
  createAlertRule: { body: { id, rule }, answer: kept(1) },
  updateAlertRule: { parameters: { id }, body: { version: 1, rule }, answer: kept(2) },
  deleteAlertRule: { parameters: { id } },
  dryRunAlertRule: { body: { rule, days: 7 }, answer: dryRun },
}

import type { z } from 'zod'
import type { Alert } from '#telemetry/alert.ts'
import type {
  AlertResponse,
  AlertsChanged,
  AlertsResponse,
  acknowledgeBody,
  assignBody,
  NotificationsResponse,
  shelveBody,
} from '#telemetry/alert-rest.ts'
import { hourMs, minuteMs } from '#telemetry/durations.ts'
import type { OperationExamples } from './operation-examples.ts'
import {
  exampleAlert,
  exampleAt,
  exampleDistrict,
  exampleStation,
  exampleTeam,
  exampleTeamName,
  exampleWard,
} from './shared.ts'

const comment = 'burning of straw nearby'
const acknowledged = {
  ...exampleAlert,
  revision: 2,
  acknowledged: { by: 'An', at: exampleAt + 90_000, comment },
} satisfies Alert
const shelved = {
  ...exampleAlert,
  revision: 2,
  shelved: { by: 'An', at: exampleAt + 90_000, until: exampleAt + 3_690_000, comment },
} satisfies Alert

const assigned = {
  ...exampleAlert,
  revision: 2,
  assigned: { to: exampleTeam, name: exampleTeamName, by: 'An', at: exampleAt + 90_000, comment },
} satisfies Alert

const list = {
  now: exampleAt + minuteMs,
  watching: true,
  total: 1,
  alerts: [exampleAlert],
  handledBy: {},
  handlers: [],
  complete: true,
} satisfies AlertsResponse

const life = {
  alert: acknowledged,
  events: [
    { type: 'raised', at: exampleAt + 200, alert: exampleAlert },
    { type: 'acknowledged', at: exampleAt + 90_000, by: 'An', comment, alert: acknowledged },
  ],
} satisfies AlertResponse

const changedTo = (alert: Alert): AlertsChanged => ({ changed: [alert], unchanged: ['f9e8d7c6b5'] })
const ids = [exampleAlert.id, 'f9e8d7c6b5']

const notifications = {
  total: 1,
  notifications: [
    {
      id: 'n1b2c3',
      channel: 'webhook',
      to: 'hooks.example.com',
      subject: 'High PM2.5: Air station Tân Ninh ward – 1',
      alerts: [exampleAlert.id],
      at: exampleAt + 200,
      diedAt: exampleAt + hourMs,
      attempts: 8,
      fault: 'the receiver answered HTTP 502',
      faults: [{ code: 'HTTP_STATUS' as const, params: { status: 502 } }],
    },
  ],
} satisfies NotificationsResponse

/** Of the routes about alerts and who is notified. */
export const alertExamples: Readonly<Record<string, OperationExamples>> = {
  listAlerts: {
    parameters: {
      from: '2026-01-31T08:00:00+07:00',
      to: '2026-01-31T09:00:00+07:00',
      asOf: '2026-01-31T08:30:00+07:00',
      state: ['unacknowledged', 'acknowledged'],
      priority: [1, 2],
      cause: ['threshold'],
      district: [exampleDistrict],
      ward: [exampleWard],
      kind: ['air-quality'],
      sensor: [exampleStation],
      rule: ['high-pm2-5'],
      assignee: [exampleTeam, 'nobody'],
      by: ['An'],
      limit: 50,
      offset: 0,
    },
    answer: list,
  },
  getAlert: { parameters: { id: exampleAlert.id }, answer: life },
  acknowledgeAlerts: {
    body: { ids, comment } satisfies z.input<typeof acknowledgeBody>,
    answer: changedTo(acknowledged),
  },
  assignAlerts: {
    body: { ids, to: exampleTeam, comment } satisfies z.input<typeof assignBody>,
    answer: changedTo(assigned),
  },
  unassignAlerts: { body: { ids, comment }, answer: changedTo({ ...exampleAlert, revision: 3 }) },
  shelveAlerts: {
    body: { ids, minutes: 60, comment } satisfies z.input<typeof shelveBody>,
    answer: changedTo(shelved),
  },
  unshelveAlerts: { body: { ids, comment }, answer: changedTo({ ...exampleAlert, revision: 3 }) },
  listUndeliveredNotifications: { parameters: { limit: 50 }, answer: notifications },
  redeliverNotification: { parameters: { id: 'n1b2c3' } },
}

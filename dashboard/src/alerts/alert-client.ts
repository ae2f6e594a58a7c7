import {
  type AlertResponse,
  type AlertsChanged,
  type AlertsResponse,
  alertResponse,
  alertsChangedResponse,
  alertsResponse,
} from '#telemetry/alert-rest.ts'
import { type AssigneesResponse, assigneesResponse } from '#telemetry/assignee.ts'
import { get, send } from '../live/api-client.ts'

/** alerts in one request at most */
const atOnce = 1_000

/** What an operator may do to alerts, until when a shelf lasts (epoch ms), and to whom they are given. */
export type OperatorAction =
  | { type: 'acknowledge' | 'unshelve' | 'unassign' }
  | { type: 'shelve'; until: number }
  | { type: 'assign'; to: string }

/** Sends an operator action on alerts, with one comment, in as many requests as are needed. Throws ApiError; what was done before stays done. */
export async function sendOperatorAction(
  action: OperatorAction,
  ids: readonly string[],
  comment: string,
): Promise<AlertsChanged> {
  const { type, ...how } = action
  const all: AlertsChanged = { changed: [], unchanged: [] }
  for (let at = 0; at < ids.length; at += atOnce) {
    const body = { ids: ids.slice(at, at + atOnce), comment, ...how }
    const { changed, unchanged } = await send('POST', `/alerts/${type}`, body, alertsChangedResponse)
    all.changed.push(...changed)
    all.unchanged.push(...unchanged)
  }
  return all
}

/** Which alerts of the past; an empty word lets all through. */
export interface PastQuery {
  /** epoch ms */
  from: number
  to: number
  priority: string
  kind: string
  district: string
  cause: string
  /** to whom it is given, `me`, or `nobody` */
  assignee: string
  /** name of who handled it */
  by: string
  offset: number
  limit: number
}

/** Alerts that were open in a span of time, the newest first. Throws ApiError. */
export function fetchPastAlerts(query: PastQuery): Promise<AlertsResponse> {
  const given = Object.entries(query).filter(([, value]) => value !== '')
  const parameters = new URLSearchParams(given.map(([key, value]) => [key, String(value)]))
  return get(`/alerts?${parameters}`, alertsResponse, undefined, 'alerts')
}

/** alerts in one file at most */
const maxExported = 20_000

/** Every alert that a query lets through, the newest first, at most {@link maxExported}, in as many requests as it takes. Throws ApiError. */
export async function fetchAllPastAlerts(query: Omit<PastQuery, 'offset' | 'limit'>): Promise<AlertsResponse> {
  let all: AlertsResponse | undefined
  for (let offset = 0; offset < (all?.total ?? 1) && offset < maxExported; offset += atOnce) {
    const answer = await fetchPastAlerts({ ...query, offset, limit: atOnce })
    const before: Pick<AlertsResponse, 'alerts' | 'handledBy'> = all ?? { alerts: [], handledBy: {} }
    all = {
      ...answer,
      alerts: [...before.alerts, ...answer.alerts],
      handledBy: { ...before.handledBy, ...answer.handledBy },
    }
  }
  if (!all) throw new RangeError('nothing was asked for')
  return all
}

/** An alert and its life. Throws ApiError. */
export const fetchAlert = (id: string): Promise<AlertResponse> =>
  get(`/alerts/${encodeURIComponent(id)}`, alertResponse, undefined, 'events')

/** Teams and people to whom an alert may be given. Throws ApiError. */
export const fetchAssignees = (): Promise<AssigneesResponse> =>
  get('/assignees', assigneesResponse, undefined, 'teams', 'people')

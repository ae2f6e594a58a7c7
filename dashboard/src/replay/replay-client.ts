import type { Alert } from '#telemetry/alert.ts'
import { alertsResponse } from '#telemetry/alert-rest.ts'
import {
  type CoverageResponse,
  coverageResponse,
  type ReplayDaysResponse,
  type ReplayResponse,
  replayDaysResponse,
  replayResponse,
} from '#telemetry/replay.ts'
import { get } from '../live/api-client.ts'
import type { Span } from './plan.ts'

/** ms a stretch may take to come: the store may have to look through a day for the state */
const timeoutMs = 30_000

/** A stretch of the past. Throws ApiError. */
export function fetchReplay({ from, to, step }: Span, state: boolean, signal: AbortSignal): Promise<ReplayResponse> {
  const query = new URLSearchParams({ from: String(from), to: String(to), state: String(state) })
  if (step !== undefined) query.set('step', String(step))
  const ends = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const lists = ['state', 'readings', 'presence', 'alerts', 'alertSteps'] as const
  return get(`/replay?${query}`, replayResponse, ends, ...lists)
}

/** The newest alerts of a day, at most so many as a scrubber can tell apart. Throws ApiError. */
export async function fetchAlertsOf(from: number, to: number): Promise<Alert[]> {
  const query = new URLSearchParams({ from: String(from), to: String(to), limit: '500' })
  return (await get(`/alerts?${query}`, alertsResponse, undefined, 'alerts')).alerts
}

/** How complete a day is. Throws ApiError. */
export function fetchCoverage(from: number, to: number): Promise<CoverageResponse> {
  return get(`/replay/coverage?${new URLSearchParams({ from: String(from), to: String(to) })}`, coverageResponse)
}

/** On which local days from one moment to another (epoch ms) there are readings. Throws ApiError. */
export function fetchReplayDays(from: number, to: number): Promise<ReplayDaysResponse> {
  return get(`/replay/days?${new URLSearchParams({ from: String(from), to: String(to) })}`, replayDaysResponse)
}

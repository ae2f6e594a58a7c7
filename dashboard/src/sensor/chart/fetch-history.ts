import { type HistoryResponse, historyResponse } from '#telemetry/history-rest.ts'
import type { Window } from '#telemetry/rest.ts'
import { get } from '../../live/api-client.ts'

/** One numeric value with `from <= ts < to` (epoch ms), each reading or the means of buckets, counts as so many an hour if asked so. Throws ApiError. */
export function fetchHistory(
  sensor: string,
  value: string,
  from: number,
  to: number,
  { window, isPerHour }: { window: Window | 'raw'; isPerHour: boolean },
): Promise<HistoryResponse> {
  const span = { from: String(from), to: String(to) }
  const query = new URLSearchParams({ value, ...span, window, ...(isPerHour && { per: 'hour' }) })
  return get(`/sensors/${encodeURIComponent(sensor)}/history?${query}`, historyResponse)
}

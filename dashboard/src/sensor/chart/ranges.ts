import { dayMs, hourMs } from '#telemetry/durations.ts'
import { type ClockWindow, clockWindows } from '#telemetry/rest.ts'

/** How far back a chart looks. */
export const rangeNames = ['1h', '24h', '7d', '30d'] as const
export type RangeName = (typeof rangeNames)[number]

/** One choice of a chart's length. */
export interface Range {
  lengthMs: number
  /** what is asked of the history */
  window: ClockWindow | '1d' | 'raw'
  /** s between two marks on the time axis, at local whole hours or days */
  tickS: number
}

/** Points that one answer of the history holds, at the most. */
const maxPoints = 10_000

/** What a choice means for a sensor of this period (s): an hour as measured, unless that is too much for one answer. */
export function rangeOf(name: RangeName, period: number): Range {
  switch (name) {
    case '1h':
      return { lengthMs: hourMs, window: 3_600 / period < maxPoints ? 'raw' : '1m', tickS: 900 }
    case '24h':
      return { lengthMs: dayMs, window: '5m', tickS: 6 * 3_600 }
    case '7d':
      return { lengthMs: 7 * dayMs, window: '1h', tickS: 24 * 3_600 }
    case '30d':
      return { lengthMs: 30 * dayMs, window: '1d', tickS: 5 * 24 * 3_600 }
  }
}

/** ms of one bucket of a range, of a day as it mostly is; 0 when its readings are as measured */
export function bucketMsOf({ window }: Range): number {
  if (window === 'raw') return 0
  return window === '1d' ? dayMs : clockWindows[window]
}

import { z } from 'zod'
import { maxClockAheadMs, type Reading } from './reading.ts'
import { timestampSchema } from './reading-parts.ts'

/** What is wrong with a sensor's clock: `offMs` by which it is ahead (positive) or slow (negative), as of `at` (epoch ms). */
export const clockFaultSchema = z.object({ offMs: z.number().int(), at: timestampSchema })
export type ClockFault = z.infer<typeof clockFaultSchema>

/** ms of lateness from which readings may come from a slow clock; from {@link maxClockAheadMs} on that is a fault */
const lateMs = 60_000
/** readings in a row, and ms between the first and the last of them, that make a lateness steady */
const steady = { readings: 3, ms: 2_000 } as const
/** how far a steady lateness may waver: ms at least, and share of the time it has lasted */
const waver = { ms: 1_000, share: 0.25 } as const

/** ms by which the clocks of a sensor and of the platform differ where both are right */
const skewMs = 1_000

/** What is known of a sensor's clock. */
export interface ClockState {
  fault?: ClockFault
  /** ms by which its readings have been steadily late: the order of such readings is that of their arrival */
  slowMs?: number
  /** the first of late readings in a row whose lateness is about the same, and how many they are */
  late?: { ts: number; arrivedAt: number; readings: number }
}

/** ms that a reading lies ahead of its arrival (epoch ms), where that is more than a right clock may be; else 0. */
export function aheadMsOf(reading: Pick<Reading, 'ts' | 'aheadMs'>, arrivedAt: number): number {
  if (reading.aheadMs !== undefined) return reading.aheadMs
  const ahead = reading.ts - arrivedAt
  return ahead > maxClockAheadMs ? ahead : 0
}

/**
 * What a sensor's clock is known for after one more reading, in order of arrival. Ahead: said by one reading, and over with the
 * first right one. Slow: three single readings or more whose lateness stays about the same over 2 s or more. A gateway that
 * delivers what it has held is not slow: its readings come together, so that their lateness falls from one to the next; nor is
 * a sensor whose late readings come between timely ones.
 */
export function followClock(held: ClockState, reading: Pick<Reading, 'ts' | 'aheadMs'>, arrivedAt: number): ClockState {
  const ahead = aheadMsOf(reading, arrivedAt)
  if (ahead > 0) return { fault: { offMs: ahead, at: arrivedAt } }
  const lateness = arrivedAt - reading.ts
  if (lateness <= lateMs) return {}
  const late = isSteady(held.late, reading.ts, arrivedAt)
    ? { ...held.late, readings: held.late.readings + 1 }
    : { ts: reading.ts, arrivedAt, readings: 1 }
  const isSlow = late.readings >= steady.readings && arrivedAt - late.arrivedAt >= steady.ms
  // late, but not ahead any more
  if (!isSlow) return held.fault && held.fault.offMs > 0 ? { late } : { ...held, late }
  return {
    late,
    slowMs: lateness,
    ...(lateness > maxClockAheadMs && { fault: { offMs: -lateness, at: arrivedAt } }),
  }
}

function isSteady(late: ClockState['late'], ts: number, arrivedAt: number): late is NonNullable<ClockState['late']> {
  if (!late || arrivedAt < late.arrivedAt || ts <= late.ts) return false
  const passed = arrivedAt - late.arrivedAt
  return Math.abs(passed - (ts - late.ts)) <= Math.max(waver.ms, waver.share * passed)
}

/**
 * When a reading counts as measured in the order of the live view, epoch ms: not after its arrival, and at its arrival when
 * the clock is steadily slow.
 */
export function effectiveTime(ts: number, arrivedAt: number | undefined, clock: Pick<ClockState, 'slowMs'>): number {
  if (arrivedAt === undefined) return ts
  return clock.slowMs === undefined ? Math.min(ts, arrivedAt + skewMs) : arrivedAt
}

import { z } from 'zod'
import { minuteMs } from './durations.ts'
import { maxClockAheadMs, type Reading } from './reading.ts'
import { timestampSchema } from './reading-parts.ts'

/** What is wrong with a sensor's clock, its skew: `offMs` by which it is ahead (positive) or slow (negative), as of `at` (epoch ms). */
export const clockFaultSchema = z.object({ offMs: z.number().int(), at: timestampSchema })
export type ClockFault = z.infer<typeof clockFaultSchema>

/** ms of lateness from which readings may come from a slow clock; from {@link maxClockAheadMs} on that is a fault */
const lateMs = 60_000
/** readings in a row, and ms between the first and the last of them, that make a lateness steady */
const steady = { readings: 3, ms: 2_000 } as const
/** the same of one and the same time of measuring: the clock stands still */
const standing = { readings: 3, ms: 30_000 } as const
/** ms after its end within which a fault comes back, and for which a clock that does so must be right, before it is over */
const flapMs = 10 * minuteMs
/** how far a steady lateness may waver: ms at least, and share of the time it has lasted */
const waver = { ms: 1_000, share: 0.25 } as const

/** ms by which the clocks of a sensor and of the platform differ where both are right */
const skewMs = 1_000

/** What is known of a sensor's clock. */
export interface ClockState {
  fault?: ClockFault
  /** ms by which its readings have been steadily late: the order of such readings is that of their arrival */
  slowMs?: number
  /** the first of late readings in a row whose lateness is about the same, or whose time is, and how many they are */
  late?: { ts: number; arrivedAt: number; readings: number; stands?: true }
  /** when it was right again after it had been ahead, epoch ms */
  endedAt?: number
  /** it was ahead again soon after: it goes right and wrong by turns */
  flaps?: true
}

/** ms that a reading lies ahead of its arrival (epoch ms), where that is more than a right clock may be; else 0. */
export function aheadMsOf(reading: Pick<Reading, 'ts' | 'aheadMs'>, arrivedAt: number): number {
  if (reading.aheadMs !== undefined) return reading.aheadMs
  const ahead = reading.ts - arrivedAt
  return ahead > maxClockAheadMs ? ahead : 0
}

/**
 * What a sensor's clock is known for after one more reading, in order of arrival. Ahead: said by one reading, and over with the
 * first right one; when it comes back within 10 min, then with the first one after 10 min in which all were right. Slow: three single
 * readings or more whose lateness stays about the same over 2 s or more, or whose time stays the same over 30 s. A gateway that
 * delivers what it has held is not slow: its readings come together, so that their lateness falls from one to the next; nor is
 * a sensor whose late readings come between timely ones. What is late says nothing of whether a clock is still ahead.
 */
export function followClock(held: ClockState, reading: Pick<Reading, 'ts' | 'aheadMs'>, arrivedAt: number): ClockState {
  const ahead = aheadMsOf(reading, arrivedAt)
  if (ahead > 0) return { fault: { offMs: ahead, at: arrivedAt }, ...(comesBack(held, arrivedAt) && { flaps: true }) }
  const lateness = arrivedAt - reading.ts
  const right = lateness <= maxClockAheadMs ? afterRight(held, arrivedAt) : held
  if (lateness <= lateMs) return withoutLate(right)
  const late = lateAfter(held.late, reading.ts, arrivedAt)
  const needed = late.stands ? standing : steady
  if (late.readings < needed.readings || arrivedAt - late.arrivedAt < needed.ms) return { ...right, late }
  return {
    late,
    slowMs: lateness,
    ...(lateness > maxClockAheadMs && { fault: { offMs: -lateness, at: arrivedAt } }),
  }
}

function comesBack({ flaps, endedAt }: ClockState, arrivedAt: number): boolean {
  return flaps === true || (endedAt !== undefined && arrivedAt - endedAt <= flapMs)
}

/** A clock that was ahead is right again; of a slow one only readings without lateness say that. */
function afterRight(held: ClockState, arrivedAt: number): ClockState {
  const { fault, flaps, endedAt } = held
  if (fault && fault.offMs > 0) return flaps && arrivedAt - fault.at <= flapMs ? held : { endedAt: arrivedAt }
  if (endedAt === undefined || arrivedAt - endedAt <= flapMs) return held
  const { endedAt: _, ...others } = held
  return others
}

/** What is left after a reading without lateness: a clock that is still ahead by turns, or was lately. */
function withoutLate({ fault, flaps, endedAt }: ClockState): ClockState {
  return {
    ...(fault && fault.offMs > 0 && { fault }),
    ...(flaps && { flaps }),
    ...(endedAt !== undefined && { endedAt }),
  }
}

function lateAfter(held: ClockState['late'], ts: number, arrivedAt: number): NonNullable<ClockState['late']> {
  if (held && held.ts === ts && arrivedAt >= held.arrivedAt && (held.readings === 1 || held.stands))
    return { ...held, readings: held.readings + 1, stands: true }
  if (isSteady(held, ts, arrivedAt)) return { ...held, readings: held.readings + 1 }
  return { ts, arrivedAt, readings: 1 }
}

function isSteady(late: ClockState['late'], ts: number, arrivedAt: number): late is NonNullable<ClockState['late']> {
  if (!late || late.stands || arrivedAt < late.arrivedAt || ts <= late.ts) return false
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

import { minuteMs } from '#telemetry/durations.ts'
import { maxReplaySpanMs } from '#telemetry/replay.ts'

/** How many times faster than life a replay runs. */
export const speeds = [1, 10, 60, 600] as const
export type Speed = (typeof speeds)[number]

/** ms between two pictures of a replay */
export const tickMs = 100

/** What is thought to be there: readings a second that one browser takes, however many sensors there are. */
const readingsPerSecond = 10_000
/** ms; 0 is every reading */
const steps = [0, 5_000, 10_000, 30_000, 60_000, 300_000] as const
/** s of playing that one answer should last */
const secondsPerAnswer = 10
const shortestAnswerMs = minuteMs
/** shortest span worth asking for, ms */
export const leastMs = 5_000

/** A span to ask the server for. */
export interface Span {
  from: number
  to: number
  /** ms; absent: every reading */
  step?: number
}

/**
 * The step (ms) to which readings are thinned at a speed, 0 for every reading. No shorter than what passes from one picture
 * to the next, and longer with more sensors, if each of them spoke in each step. The clock then shows whole steps only, at which all is exact.
 */
export function stepFor(speed: Speed, sensors: number): number {
  if (speed < 60) return 0
  const passes = (speed * tickMs) / 2
  return steps.find((step) => step >= passes && (sensors * speed * 1_000) / step <= readingsPerSecond) ?? 300_000
}

/** The next span to ask for from a moment on, no further than `end`; undefined when there is nothing worth asking for yet. */
export function nextSpan(from: number, end: number, speed: Speed, step: number): Span | undefined {
  const length = Math.min(maxReplaySpanMs, Math.max(shortestAnswerMs, speed * secondsPerAnswer * 1_000))
  if (step === 0) return end - from >= leastMs ? { from, to: Math.min(from + length, end) } : undefined
  // up to the first whole step every reading, from there whole steps
  const whole = Math.ceil(from / step) * step
  const last = Math.floor(end / step) * step
  if (whole > from) return whole <= last ? { from, to: whole } : undefined
  const to = Math.min(from + Math.max(step, length - (length % step)), last)
  return from < to ? { from, to, step } : undefined
}

/** The span to begin with at a moment: a short one where nothing is to be played. */
export function firstSpan(at: number, end: number, playing: Speed | undefined, step: number): Span {
  return (playing && nextSpan(at, end, playing, step)) ?? { from: at, to: at + leastMs }
}

/** The moment shown at a position of the clock: a whole step, or a whole second, but none before the moment it began at. */
export function shownAt(position: number, began: number, step: number): number {
  const whole = Math.max(step, 1_000)
  return Math.max(began, Math.floor(position / whole) * whole)
}

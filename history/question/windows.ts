import type { Span } from '#storage/roll-up/spans.ts'
import { dayMs } from '#telemetry/durations.ts'
import { clockSteps, type QuestionWindow, questionWindows } from '#telemetry/history-question.ts'
import type { Window } from '#telemetry/rest.ts'
import { windowsOf } from '../calendar.ts'
import type { TimeBucket } from '../time-buckets.ts'

/** One time bucket of a question, epoch ms, never outside the span. */
export interface QuestionBucket extends TimeBucket {
  /** it was not over when it was asked for */
  isOpen: boolean
}

/** ms of a window on the average: a month is a twelfth of a Gregorian year. */
const averageMs: Record<Exclude<QuestionWindow, 'all'>, number> = {
  ...clockSteps,
  '1d': dayMs,
  '1w': 7 * dayMs,
  '1mo': (365.2425 / 12) * dayMs,
  '1y': 365.2425 * dayMs,
}

/** How many buckets a span has, about: one more or less where it cuts the first and the last. */
export function countBuckets(window: QuestionWindow, { from, to }: Span): number {
  return window === 'all' ? 1 : Math.ceil((to - from) / averageMs[window])
}

/** The window that gives a number of points nearest to the one asked for. */
export function windowOfPoints(points: number, span: Span): QuestionWindow {
  if (points === 1) return 'all'
  const distance = (window: QuestionWindow) => Math.abs(Math.log(countBuckets(window, span) / points))
  return questionWindows.reduce((best, window) => (distance(window) < distance(best) ? window : best))
}

/** The windows that are coarser, the finest of them first. */
export function coarserWindows(window: QuestionWindow): readonly QuestionWindow[] {
  return questionWindows.slice(questionWindows.indexOf(window) + 1)
}

/** What the calendar knows a window by. */
const inCalendar = (window: Exclude<QuestionWindow, 'all'>): Window | number =>
  window in clockSteps ? clockSteps[window as keyof typeof clockSteps] : (window as Window) // just looked

/** The buckets of a span by the clock and calendar of a zone, in order; those that begin after `now` are left out. */
export function bucketsOf(window: QuestionWindow, zone: string, { from, to }: Span, now: number): QuestionBucket[] {
  if (window === 'all') return [{ start: from, end: to, isOpen: to > now }]
  return windowsOf(inCalendar(window), zone, { from, to: Math.min(to, now + 1) }).map(({ start, end }) => {
    const within = { start: Math.max(start, from), end: Math.min(end, to) }
    return { ...within, isOpen: within.end > now }
  })
}

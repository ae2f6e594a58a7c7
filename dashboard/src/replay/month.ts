import { addDays } from './day.ts'

/** days of a week */
const week = 7

/** The dates of the weeks, from Monday on, that the month of a date touches. */
export function weeksOf(date: string): string[][] {
  const first = `${date.slice(0, 8)}01`
  // Sunday is 0
  const sinceMonday = (new Date(first).getUTCDay() + 6) % week
  const weeks: string[][] = []
  for (let monday = addDays(first, -sinceMonday); monday < addMonths(first, 1); monday = addDays(monday, week))
    weeks.push(Array.from({ length: week }, (_, day) => addDays(monday, day)))
  return weeks
}

/** The same day of a month so many months later, or the last one of a shorter month. */
export function addMonths(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number)
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate()
  return new Date(Date.UTC(year, month - 1 + months, Math.min(day, last))).toISOString().slice(0, 10)
}

/** The date that a key leads to in a calendar; undefined when it leads nowhere. */
export function dateByKey(date: string, key: string): string | undefined {
  const sinceMonday = (new Date(date).getUTCDay() + 6) % week
  const days: Readonly<Record<string, number>> = {
    ...{ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -week, ArrowDown: week },
    ...{ Home: -sinceMonday, End: week - 1 - sinceMonday },
  }
  const by = days[key]
  if (by !== undefined) return addDays(date, by)
  if (key === 'PageUp') return addMonths(date, -1)
  return key === 'PageDown' ? addMonths(date, 1) : undefined
}

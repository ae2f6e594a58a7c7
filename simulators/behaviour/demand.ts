import { isWeekend, overDay } from './local-time.ts'

/** Share of the rush hour's traffic at each full hour, on a working day: people leave at 6:30 and come home at 17:00. */
const workday = [
  0.03, 0.02, 0.02, 0.03, 0.1, 0.32, 0.78, 1, 0.68, 0.52, 0.52, 0.66, 0.5, 0.48, 0.52, 0.62, 0.88, 1, 0.76, 0.54, 0.4,
  0.26, 0.12, 0.06,
]

/** The same on Saturday and Sunday: no morning rush, a long evening. */
const weekend = [
  0.05, 0.03, 0.02, 0.03, 0.08, 0.22, 0.42, 0.54, 0.6, 0.58, 0.54, 0.52, 0.42, 0.4, 0.45, 0.52, 0.62, 0.7, 0.72, 0.64,
  0.48, 0.3, 0.16, 0.08,
]

/** How much of the busiest traffic is on the roads of the city, 0 to 1. Own assumption, shaped after Vietnamese rush hours. */
export function demandAt(ts: number): number {
  return overDay(isWeekend(ts) ? weekend : workday, ts)
}

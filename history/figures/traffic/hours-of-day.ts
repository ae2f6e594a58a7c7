import { Temporal } from 'temporal-polyfill'

/** Hours of the local day (6: from 6:00 to 7:00) of weekdays whose travel times count: the peak periods of FHWA's Urban Congestion Report. */
export const peakHours: readonly number[] = [6, 7, 8, 16, 17, 18]

/** Where an hour lies in its local week. */
export interface LocalHour {
  /** 0 to 23 */
  hour: number
  /** Saturday or Sunday; what is a holiday is not known */
  isWeekend: boolean
}

/** Where a moment (epoch ms) lies in the week of a zone. */
export function localHourOf(ts: number, zone: string): LocalHour {
  const { hour, dayOfWeek } = Temporal.Instant.fromEpochMilliseconds(ts).toZonedDateTimeISO(zone)
  return { hour, isWeekend: dayOfWeek > 5 }
}

/** Whether the travel time of an hour counts for the indices of the peak. */
export function isPeak({ hour, isWeekend }: LocalHour): boolean {
  return !isWeekend && peakHours.includes(hour)
}

/** The hour of the day with the highest flow of those from `from` to before `to`; the first of equal ones; undefined when none is known. */
export function peakOf<Hour extends { hour: number; vehiclesPerHour?: number | undefined }>(
  hours: readonly Hour[],
  from = 0,
  to = 24,
): Hour | undefined {
  let peak: Hour | undefined
  for (const each of hours)
    if (each.hour >= from && each.hour < to && (each.vehiclesPerHour ?? -1) > (peak?.vehiclesPerHour ?? -1)) peak = each
  return peak
}

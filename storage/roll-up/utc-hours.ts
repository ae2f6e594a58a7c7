import { hourMs } from '#telemetry/durations.ts'

// Roll-ups are of hours of UTC, whatever the zone; those of the city's clock are telemetry's clock-hours.ts.

/** The start of the hour that a moment (epoch ms) is in. */
export const floorHour = (ts: number): number => Math.floor(ts / hourMs) * hourMs

/** The end of the hour that a moment (epoch ms) is in; the moment itself where an hour begins. */
export const ceilHour = (ts: number): number => Math.ceil(ts / hourMs) * hourMs

/** Whether an hour begins at a moment (epoch ms). */
export const isWholeHour = (ts: number): boolean => ts % hourMs === 0

import type { Kind } from '#telemetry/kinds.ts'

/** Measurement of a kind's roll-ups per sensor and hour (UTC): a point has the hour's start as its time and the tag `sensor`. */
export const hoursOf = (kind: Kind): string => `hours_${kind}`

/** Measurement of a kind's roll-ups per sensor and local day. */
export const daysOf = (kind: Kind): string => `days_${kind}`

/** Measurement of the marks of sensor-hours that were written to: see dirty-marks.ts. */
export const dirtyHoursOf = (kind: Kind): string => `dirty_hours_${kind}`

import { byKind, type Kind } from '#telemetry/kinds.ts'
import { valuesOfKind } from '#telemetry/values.ts'

/** Measurement of a kind's roll-ups per sensor and hour (UTC): a point has the hour's start as its time and the tag `sensor`. */
export const hoursOf = (kind: Kind): string => `hours_${kind}`

/** Measurement of a kind's roll-ups per sensor and local day. */
export const daysOf = (kind: Kind): string => `days_${kind}`

/** Measurement of the marks of sensor-hours that were written to: see dirty-marks.ts. */
export const dirtyHoursOf = (kind: Kind): string => `dirty_hours_${kind}`

/** Names of the values of each kind that are numbers. */
export const numericValues: Readonly<Record<Kind, readonly string[]>> = byKind((kind) =>
  valuesOfKind[kind].filter(({ type }) => type === 'number').map(({ name }) => name),
)

import { fromSteps } from '#storage/roll-up/steps.ts'
import { hourMs } from '#telemetry/durations.ts'
import type { PassengerCarUnits } from '#telemetry/figures/traffic-figures.ts'

/** The classes of vehicles that a counter tells apart. */
export const vehicleClasses = ['motorbikes', 'cars', 'buses', 'trucks'] as const
export type VehicleClass = (typeof vehicleClasses)[number]

/** Vehicles that were counted, and for how long they were: readings × the period that each is of. */
export interface Counted {
  /** steps of a vehicle */
  sum: bigint
  observedMs: number
}

/** Nothing counted yet. */
export const nothingCounted: Counted = { sum: 0n, observedMs: 0 }

/** Both counts together. */
export function addCounted(a: Counted, b: Counted): Counted {
  return { sum: a.sum + b.sum, observedMs: a.observedMs + b.observedMs }
}

/** Vehicles an hour; undefined when nobody counted. Of several counters: of each on the mean. */
export function vehiclesPerHour({ sum, observedMs }: Counted): number | undefined {
  return observedMs === 0 ? undefined : (fromSteps(sum) * hourMs) / observedMs
}

/**
 * Passenger-car units an hour: Σ vehicles of a class an hour × its factor (TCVN 4054:2005, hệ số quy đổi ra xe con). Undefined
 * unless all four classes were counted: what one class is cannot be known from the others.
 */
export function passengerCarUnitsPerHour(
  counted: Readonly<Record<VehicleClass, Counted>>,
  factors: PassengerCarUnits,
): number | undefined {
  let units = 0
  for (const name of vehicleClasses) {
    const flow = vehiclesPerHour(counted[name])
    if (flow === undefined) return undefined
    units += factors[name] * flow
  }
  return units
}

import { fromSteps, meanOf } from '#storage/roll-up/steps.ts'
import type { HourOfDay, PassengerCarUnits, TrafficFigures } from '#telemetry/figures/traffic-figures.ts'
import { congestionOf } from '#telemetry/kinds/traffic/congestion.ts'
import { addStates, type ReadingState } from '../reading-state.ts'
import { rounded } from '../rounding.ts'
import { levelOfService } from './level-of-service.ts'
import {
  addCounted,
  type Counted,
  nothingCounted,
  passengerCarUnitsPerHour,
  type VehicleClass,
  vehiclesPerHour,
} from './passenger-car-units.ts'
import { travelTimeIndices } from './travel-time.ts'

/** Speeds of readings, and the free-flow speeds of those counters for which one is known. All in steps. */
export interface Speeds {
  count: number
  sum: bigint
  /** of counters whose free-flow speed is known: readings, and the sum of their speeds */
  judgedCount: number
  judged: bigint
  /** sum of the free-flow speed of the counter of each of these readings */
  freeFlow: bigint
}

/** What the figures of a span, an hour or a type of hour are made of; sums of whole numbers, so that any order of adding gives the same. */
export interface TrafficSums {
  readings: number
  vehicles: Counted
  classes: Record<VehicleClass, Counted>
  speeds: Speeds
  /** travel time / that at free flow, of each peak hour of each counter */
  ratios: number[]
  /** what became of values that were not taken as they were measured */
  state: ReadingState
}

/** Sums of nothing. */
export function noTraffic(): TrafficSums {
  const classes = { motorbikes: nothingCounted, cars: nothingCounted, buses: nothingCounted, trucks: nothingCounted }
  const speeds = { count: 0, sum: 0n, judgedCount: 0, judged: 0n, freeFlow: 0n }
  return { readings: 0, vehicles: nothingCounted, classes, speeds, ratios: [], state: {} }
}

/** Adds what is in `more` to `sums`. */
export function addTraffic(sums: TrafficSums, more: TrafficSums): void {
  sums.readings += more.readings
  sums.vehicles = addCounted(sums.vehicles, more.vehicles)
  for (const name of Object.keys(sums.classes) as VehicleClass[]) // its own keys
    sums.classes[name] = addCounted(sums.classes[name], more.classes[name])
  const { speeds } = more
  sums.speeds.count += speeds.count
  sums.speeds.sum += speeds.sum
  sums.speeds.judgedCount += speeds.judgedCount
  sums.speeds.judged += speeds.judged
  sums.speeds.freeFlow += speeds.freeFlow
  sums.state = addStates([sums.state, more.state])
  for (const ratio of more.ratios) sums.ratios.push(ratio)
}

const given = <Name extends string>(name: Name, value: number | undefined, digits: number) =>
  (value === undefined ? {} : { [name]: rounded(value, digits) }) as { [Key in Name]?: number } // that one name

/** Free-flow speed / speed, of the mean of each; undefined where either is not known. */
function indexOf({ judged, freeFlow }: Speeds): number | undefined {
  return judged > 0n ? Number(freeFlow) / Number(judged) : undefined
}

/** The figures of an hour of the day. */
export function flowFigures({ vehicles, classes, speeds }: TrafficSums, factors: PassengerCarUnits) {
  return {
    ...given('vehiclesPerHour', vehiclesPerHour(vehicles), 1),
    ...given('passengerCarUnitsPerHour', passengerCarUnitsPerHour(classes, factors), 1),
    ...given('averageSpeed', meanOf(speeds), 2),
    ...given('congestionIndex', indexOf(speeds), 3),
  } satisfies Omit<HourOfDay, 'hour'>
}

/** All figures of a span or a bucket, but how complete they are. */
export function trafficFigures(sums: TrafficSums, factors: PassengerCarUnits): TrafficFigures {
  const index = indexOf(sums.speeds)
  const times = travelTimeIndices(sums.ratios)
  return {
    ...flowFigures(sums, factors),
    readings: sums.readings,
    vehicles: fromSteps(sums.vehicles.sum),
    ...(index === undefined ? {} : { congestion: congestionOf(index), levelOfService: levelOfService(1, index) }),
    ...given('travelTimeIndex', times?.travelTimeIndex, 3),
    ...given('planningTimeIndex', times?.planningTimeIndex, 3),
    peakHours: sums.ratios.length,
    ...sums.state,
  }
}

import type { ReportingSteps } from '#storage/reporting-steps.ts'
import { meanOf } from '#storage/roll-up/steps.ts'
import type { RollUpCell } from '#storage/roll-ups.ts'
import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import { airQuality } from '#telemetry/kinds/air-quality/kind.ts'
import { type Pollutant, pollutants } from '#telemetry/vn-aqi.ts'
import { neededShare } from '#telemetry/vn-aqi-periods.ts'
import { edgesOf, type TimeBucket } from '../../time-buckets.ts'
import { StateCounts } from '../reading-state.ts'
import { expectedPerHour } from './expected-per-hour.ts'
import type { HoursOfPlace } from './vn-aqi.ts'

/** Most cells (hours of stations) that one question to the store is for: what it answers is held at once. */
const maxCells = 10_000

/** The hourly means of one station, and what became of its readings. */
export interface StationHours {
  sensor: string
  hours: HoursOfPlace
  states: StateCounts
}

interface HoursQuery {
  store: Pick<TelemetryStore, 'rollUps'>
  sensors: readonly string[]
  /** in order, without a gap */
  hours: readonly TimeBucket[]
  steps: ReportingSteps
}

/**
 * Hourly means of every parameter of stations, one station after the other. An hour has a mean when at least 75 % of the readings that
 * its reporting step promises are there and count (Decision 1459/QĐ-TCMT). Readings that were excluded do not count; corrected ones do,
 * as corrected.
 */
export async function* readStationHours(query: HoursQuery, context?: QueryContext): AsyncGenerator<StationHours> {
  const { sensors, hours, steps } = query
  const [first, last] = [hours[0], hours.at(-1)]
  if (!first || !last) return
  const atOnce = Math.max(1, Math.floor(maxCells / hours.length))
  for (let from = 0; from < sensors.length; from += atOnce) {
    const stations = sensors.slice(from, from + atOnce).map((sensor) => {
      const expected = expectedPerHour(hours, steps.stretches(sensor, first.start, last.end))
      return new StationBuilder(sensor, expected)
    })
    for (let hour = 0; hour < hours.length; hour += maxCells)
      await readPart(query, stations, { from: hour, to: Math.min(hour + maxCells, hours.length) }, context)
    for (const station of stations) yield station.end()
  }
}

/** One question to the store for each parameter: some stations, the hours from one up to another. */
async function readPart(
  { store, hours }: HoursQuery,
  stations: readonly StationBuilder[],
  { from, to }: { from: number; to: number },
  context?: QueryContext,
) {
  const edges = edgesOf(hours.slice(from, to))
  const members = stations.map(({ sensor }, group) => ({ sensor, group }))
  for (const value of pollutants) {
    const found = await store.rollUps({ kind: airQuality.id, value, members, edges, ends: false }, context)
    // they are by group and time
    let group = 0
    let at = from
    for (const cell of found) {
      if (cell.group !== group) at = from
      group = cell.group
      while (at < to && (hours[at]?.start ?? cell.start) < cell.start) at += 1
      stations[group]?.add(value, at, cell)
    }
  }
}

class StationBuilder {
  readonly sensor: string
  readonly #expected: readonly number[]
  readonly #hours: Partial<Record<Pollutant, { means: (number | undefined)[]; readings: Uint32Array }>> = {}
  readonly #states: StateCounts

  constructor(sensor: string, expected: readonly number[]) {
    this.sensor = sensor
    this.#expected = expected
    this.#states = new StateCounts(expected.length)
  }

  add(pollutant: Pollutant, at: number, cell: RollUpCell) {
    const { means, readings } = this.#hoursOf(pollutant)
    readings[at] = cell.count
    if (cell.count >= neededShare * (this.#expected[at] ?? 0)) means[at] = meanOf(cell)
    this.#states.add(at, cell)
  }

  #hoursOf(pollutant: Pollutant) {
    const { length } = this.#expected
    const held = this.#hours[pollutant] ?? {
      ...{ means: new Array<number | undefined>(length).fill(undefined), readings: new Uint32Array(length) },
    }
    this.#hours[pollutant] = held
    return held
  }

  end(): StationHours {
    return { sensor: this.sensor, hours: this.#hours, states: this.#states }
  }
}

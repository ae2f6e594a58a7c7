import { type Pollutant, pollutants } from '#telemetry/vn-aqi.ts'
import type { HoursOfPlace } from './vn-aqi.ts'

/** Of each hour: the sum of the stations' means, how many they are, and all readings. */
interface Sums {
  sums: Float64Array
  counts: Uint16Array
  readings: Uint32Array
}

/**
 * The hours of a ward or a district: the mean of the hourly means of its stations, each of which weighs the same however often it
 * reports. A station counts in the hours in which it has a mean and was there. No text of the state says how stations become one figure:
 * the worst station is said beside it.
 */
export class GroupHours {
  readonly #length: number
  readonly #sums: Partial<Record<Pollutant, Sums>> = {}

  /** @param length number of hours */
  constructor(length: number) {
    this.#length = length
  }

  /** Adds the hours of a station in which it was there. Stations are added in one order, so that the answer is one and the same. */
  add(station: HoursOfPlace, isIn: (at: number) => boolean): void {
    for (const pollutant of pollutants) {
      const own = station[pollutant]
      if (!own) continue
      const { sums, counts, readings } = this.#sumsOf(pollutant)
      for (let at = 0; at < this.#length; at += 1) {
        if (!isIn(at)) continue
        readings[at] = (readings[at] ?? 0) + (own.readings[at] ?? 0)
        const mean = own.means[at]
        if (mean === undefined) continue
        sums[at] = (sums[at] ?? 0) + mean
        counts[at] = (counts[at] ?? 0) + 1
      }
    }
  }

  #sumsOf(pollutant: Pollutant): Sums {
    const length = this.#length
    const held = this.#sums[pollutant] ?? {
      ...{ sums: new Float64Array(length), counts: new Uint16Array(length), readings: new Uint32Array(length) },
    }
    this.#sums[pollutant] = held
    return held
  }

  /** The hours of all that were added. */
  end(): HoursOfPlace {
    const hours: HoursOfPlace = {}
    for (const pollutant of pollutants) {
      const found = this.#sums[pollutant]
      if (!found) continue
      const { sums, counts, readings } = found
      const means = Array.from(sums, (sum, at) => (counts[at] ? sum / counts[at] : undefined))
      hours[pollutant] = { means, readings }
    }
    return hours
  }
}

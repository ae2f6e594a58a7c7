import type { AirBucket } from '#telemetry/figures/air-figures.ts'
import type { PlaceAsked } from './air-place.ts'
import { dailyFigure, type HoursOfPlace, hourlyFigure } from './vn-aqi.ts'

type Worst = NonNullable<AirBucket['highest']>

/** Of each hour or day, the station of a group whose own index is the highest: of those that were there when it began. */
export class WorstStations {
  readonly #asked: PlaceAsked
  readonly #highest: (Worst | undefined)[]

  constructor(asked: PlaceAsked) {
    this.#asked = asked
    this.#highest = new Array<undefined>(asked.windows.length).fill(undefined)
  }

  /** Looks at a station; of two with the same index the one looked at first is told. */
  add(sensor: string, hours: HoursOfPlace, isIn: (at: number) => boolean): void {
    const { window, grid } = this.#asked
    const isDaily = window === '1d'
    for (const bucket of this.#highest.keys()) {
      const day = grid.days[bucket]
      const first = isDaily ? day?.first : grid.lead + bucket
      if (first === undefined || first >= grid.hours.length || !isIn(first)) continue
      const { index, worst } = isDaily && day ? dailyFigure(hours, day) : hourlyFigure(hours, first)
      if (index === undefined || worst === undefined || index <= (this.#highest[bucket]?.index ?? -1)) continue
      this.#highest[bucket] = { sensor, index, worst }
    }
  }

  /** That of a bucket; undefined when no station has an index. */
  in(bucket: number): Worst | undefined {
    return this.#highest[bucket]
  }
}

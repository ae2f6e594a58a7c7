import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { RoadsResponse } from '#telemetry/roads-rest.ts'
import { shownKinds } from '../kinds/kinds.ts'
import { fetchRoads } from '../live/api-client.ts'
import type { CountedRoad, PlacedSensor, RoadSource } from './road-source.ts'

/** ms between two questions for the roads, at least: sensors that come one by one are asked about together */
const askMs = 10_000

const colouring: readonly Kind[] = kinds.filter((kind) => shownKinds[kind].roads)

/** The roads of the base map, which the platform reads from its file: asked for again when sensors have come or moved. */
export class BaseMapRoads implements RoadSource {
  readonly #changed: () => void
  #asked: ReadonlySet<string> = new Set<string>()
  #wanted: readonly string[] = []
  #begun = false
  #closed = false
  #roads: RoadsResponse['features'] = []
  #waiting: ReturnType<typeof setTimeout> | undefined
  #askedAt = Number.NEGATIVE_INFINITY

  /** `changed` is called when there are other roads. */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  roadsOf(sensors: readonly PlacedSensor[]): readonly CountedRoad[] {
    const places = sensors.map(({ id, meta }) => `${id} ${meta.position.join()} ${meta.road ?? ''}`)
    if (places.some((place) => !this.#asked.has(place))) {
      this.#wanted = places
      this.#askSoon()
    }
    const positionOf = new Map(sensors.map(({ id, meta }) => [id, meta.position]))
    return this.#roads.map(({ properties, geometry }) => ({
      id: properties.id,
      line: geometry.coordinates,
      counters: properties.sensors.flatMap((id) => {
        const position = positionOf.get(id)
        return position ? [{ id, position }] : []
      }),
    }))
  }

  /** Asks for the roads from now on; until then the map has more urgent things to load. */
  begin(): void {
    this.#begun = true
    this.#askSoon()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#waiting)
  }

  #askSoon(): void {
    if (!this.#begun || this.#closed || this.#wanted.length === 0 || this.#waiting !== undefined) return
    const ms = Math.max(0, this.#askedAt + askMs - performance.now())
    this.#waiting = setTimeout(() => void this.#ask(), ms)
  }

  async #ask(): Promise<void> {
    this.#askedAt = performance.now()
    const wanted = this.#wanted
    this.#wanted = []
    try {
      this.#roads = (await Promise.all(colouring.map(fetchRoads))).flatMap(({ features }) => features)
      this.#asked = new Set(wanted)
    } catch (error) {
      console.warn(error)
      this.#wanted = wanted
    }
    this.#waiting = undefined
    if (this.#closed) return
    this.#changed()
    this.#askSoon()
  }
}

import type { Feature, Point } from 'geojson'
import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl'
import { collection } from './features.ts'

/** Points that come and go, few at a time, in a small source of their own, which is given anew when one has changed. */
export class Marks {
  readonly #map: MapLibreMap
  readonly #id: string
  readonly #marks = new Map<string, Feature<Point>>()
  readonly #again: () => void
  #changed = false
  #drawing = false

  /** `source` is the id of a GeoJSON source; `again` is called when {@link flush} has something left to do. */
  constructor(map: MapLibreMap, source: string, again: () => void) {
    this.#map = map
    this.#id = source
    this.#again = again
  }

  /** Shows, changes or takes away (undefined) the mark of a sensor. */
  set(id: string, next: Feature<Point> | undefined): void {
    if (isSame(this.#marks.get(id), next)) return
    if (next) this.#marks.set(id, next)
    else this.#marks.delete(id)
    this.#changed = true
  }

  /** Takes all marks away; those still due are set anew before anything is drawn. */
  clear(): void {
    this.#marks.clear()
    this.#changed = true
  }

  /** The zoom at which a cluster falls apart. */
  expansionZoom(cluster: number): Promise<number> {
    return this.#source().getClusterExpansionZoom(cluster)
  }

  /** Gives the map what has changed and answers true, unless it is still at the last ones: more would only queue up. */
  flush(): boolean {
    if (!this.#changed || this.#drawing) return false
    this.#changed = false
    this.#drawing = true
    const drawn = this.#source().setData(collection([...this.#marks.values()]))
    void Promise.allSettled([drawn]).then(() => {
      this.#drawing = false
      if (this.#changed) this.#again()
    })
    return true
  }

  #source(): GeoJSONSource {
    const source = this.#map.getSource<GeoJSONSource>(this.#id)
    if (!source) throw new Error(`the map has lost its source ${this.#id}`)
    return source
  }
}

function isSame(held: Feature<Point> | undefined, next: Feature<Point> | undefined): boolean {
  if (!held || !next) return held === next
  const [a, b] = [held.geometry.coordinates, next.geometry.coordinates]
  const properties: [Feature['properties'], Feature['properties']] = [held.properties, next.properties]
  const same = (name: string) => properties[0]?.[name] === properties[1]?.[name]
  return same('cause') && same('rank') && same('words') && a[0] === b[0] && a[1] === b[1]
}

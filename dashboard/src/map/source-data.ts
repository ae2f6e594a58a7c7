import type { FeatureCollection } from 'geojson'
import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl'
import { collection } from './features.ts'

/** Gives the GeoJSON sources of a map their data, the first with the sources: one that is filled later loads its tiles twice. */
export class SourceData {
  readonly #map: MapLibreMap
  readonly #first = new Map<string, FeatureCollection>()
  #isAdded = false

  constructor(map: MapLibreMap) {
    this.#map = map
  }

  /** Gives a source its data; resolves when the map has it. */
  async set(id: string, data: FeatureCollection): Promise<void> {
    if (!this.#isAdded) {
      this.#first.set(id, data)
      return
    }
    const source = this.#map.getSource<GeoJSONSource>(id)
    if (!source) throw new Error(`the map has lost its source ${id}`)
    await source.setData(data)
  }

  /** What a source is to hold when it is added. */
  first(id: string): FeatureCollection {
    return this.#first.get(id) ?? collection([])
  }

  /** The sources are there: from now on data is given to them. */
  begin(): void {
    this.#isAdded = true
    this.#first.clear()
  }
}

import type { Feature, LineString } from 'geojson'
import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl'
import { shownKinds } from '../kinds/kinds.ts'
import type { Flow } from '../kinds/shown-kind.ts'
import type { SchematicMap } from '../live/api-client.ts'
import type { Scene } from '../live/scene.ts'
import { collection } from './features.ts'
import { type Counter, cutRoad, type RoadPiece } from './road-pieces.ts'

/** Colours the roads by what sensors on them measure, of kinds that colour them: a piece has the mean index of its fresh counters. */
export class RoadLayer {
  readonly #map: MapLibreMap
  readonly #base: SchematicMap
  readonly #pieces = new Map<string, RoadPiece>()
  readonly #pieceOf = new Map<string, string>()
  readonly #dirty = new Set<string>()
  readonly #drawn = new Map<string, string>()

  constructor(map: MapLibreMap, base: SchematicMap) {
    this.#map = map
    this.#base = base
  }

  /** Cuts the roads anew, because counters have come, gone or moved. */
  cut(scene: Scene): void {
    const counters = new Map<string, Counter[]>()
    for (const { id, kind, meta } of scene.registry.all()) {
      if (!shownKinds[kind].roads || !meta?.road) continue
      const road = counters.get(meta.road)
      if (road) road.push({ id, position: meta.position })
      else counters.set(meta.road, [{ id, position: meta.position }])
    }
    this.#pieces.clear()
    this.#pieceOf.clear()
    for (const { properties, geometry } of this.#base.features) {
      if (geometry.type !== 'LineString' || properties.kind !== 'road') continue
      const road = String(properties.id)
      const line = geometry.coordinates.map(([lon = 0, lat = 0]) => [lon, lat] as const)
      for (const piece of cutRoad(road, line, counters.get(road) ?? [])) this.#take(piece)
    }
    const source = this.#map.getSource<GeoJSONSource>('pieces')
    void source?.setData(collection([...this.#pieces.values()].map(featureOf)))
  }

  /** A sensor has something new: the next {@link flush} looks at its piece. */
  touch(sensor: string): void {
    const piece = this.#pieceOf.get(sensor)
    if (piece !== undefined) this.#dirty.add(piece)
  }

  /** Gives the map what has changed. */
  flush(scene: Scene): void {
    for (const id of this.#dirty) {
      const congestion = flowOn(this.#pieces.get(id), scene)
      if (this.#drawn.get(id) === congestion) continue
      this.#drawn.set(id, congestion)
      this.#map.setFeatureState({ source: 'pieces', id }, { congestion })
    }
    this.#dirty.clear()
  }

  #take(piece: RoadPiece): void {
    this.#pieces.set(piece.id, piece)
    this.#dirty.add(piece.id)
    for (const counter of piece.counters) this.#pieceOf.set(counter, piece.id)
  }
}

function featureOf({ id, line }: RoadPiece): Feature<LineString> {
  return {
    type: 'Feature',
    properties: { id },
    geometry: { type: 'LineString', coordinates: line.map(([lon, lat]) => [lon, lat]) },
  }
}

/** The mean of the indices is the ratio of travel times over the piece: each counter speaks for a part of it. */
function flowOn(piece: RoadPiece | undefined, { registry }: Scene): Flow | 'unknown' {
  let sum = 0
  let count = 0
  let flow: ((index: number) => Flow) | undefined
  for (const id of piece?.counters ?? []) {
    const sensor = registry.get(id)
    if (!sensor || registry.standing(id).freshness !== 'fresh') continue
    const { roads } = shownKinds[sensor.kind]
    const index = roads?.index(sensor)
    if (index === undefined) continue
    flow = roads?.flow
    sum += index
    count += 1
  }
  return flow ? flow(sum / count) : 'unknown'
}

import type { Feature, LineString } from 'geojson'
import type { Map as MapLibreMap } from 'maplibre-gl'
import { shownKinds } from '../kinds/kinds.ts'
import type { Flow } from '../kinds/shown-kind.ts'
import type { Scene } from '../live/scene.ts'
import { collection } from './features.ts'
import { cutRoad, type RoadPiece } from './road-pieces.ts'
import type { RoadSource } from './road-source.ts'
import type { SourceData } from './source-data.ts'

/** Colours the roads by what sensors on them measure, of kinds that colour them: a piece has the mean index of its fresh counters. */
export class RoadLayer {
  readonly #map: MapLibreMap
  readonly #sources: SourceData
  readonly #source: RoadSource
  readonly #pieces = new Map<string, RoadPiece>()
  readonly #pieceOf = new Map<string, string>()
  readonly #dirty = new Set<string>()
  readonly #drawn = new Map<string, string>()

  constructor(map: MapLibreMap, sources: SourceData, source: RoadSource) {
    this.#map = map
    this.#sources = sources
    this.#source = source
  }

  /** The map has come to rest: roads that are not here yet may be asked for. */
  begin(): void {
    this.#source.begin?.()
  }

  close(): void {
    this.#source.close?.()
  }

  /** Cuts the roads anew, because counters have come, gone or moved. */
  cut(scene: Scene): void {
    const placed = [...scene.registry.all()].flatMap(({ id, kind, meta }) =>
      shownKinds[kind].roads && meta ? [{ id, kind, meta }] : [],
    )
    this.#pieces.clear()
    this.#pieceOf.clear()
    for (const { id, line, counters } of this.#source.roadsOf(placed))
      for (const piece of cutRoad(id, line, counters)) this.#update(piece)
    void this.#sources.set('pieces', collection([...this.#pieces.values()].map(featureOf)))
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

  #update(piece: RoadPiece): void {
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

import type { Feature, Point } from 'geojson'
import type { GeoJSONSource, Map as MapLibreMap, MapMouseEvent } from 'maplibre-gl'
import { freshness, type SensorState } from '#telemetry/sensor.ts'
import type { Scene } from '../scene.ts'
import { shownLevel } from '../sensor-registry.ts'
import { collection, sensorPoint } from './features.ts'
import { sensorLayers } from './layers.ts'

/** How often (ms) freshness is judged anew and abnormal marks are drawn anew, at the most. */
const sweepMs = 500
/** Half the side (px) of the square around a click in which sensors are looked for. */
const reach = 14

/** What the sensors' layer draws from. */
export interface SensorLayerOptions {
  /** whose sensors are drawn first; {@link SensorLayer.setScene} changes that */
  scene: Scene
  isShown: (sensor: SensorState) => boolean
  /** the first sensors are drawn */
  onReady: () => void
}

/**
 * Keeps the map's sensors as the registry has them. What changes often, freshness and level, goes by feature-state, once a
 * frame; the abnormal ones have a small source of their own.
 */
export class SensorLayer {
  readonly #map: MapLibreMap
  readonly #options: SensorLayerOptions
  /** what was last given to feature-state, as `freshness/level` */
  readonly #drawn = new Map<string, string>()
  readonly #dirty = new Set<string>()
  #scene: Scene
  #unlisten: () => void
  readonly #timer: ReturnType<typeof setInterval>
  #frame = 0
  #placesStale = true
  #marks = ''
  #selected: string | undefined
  #ready = false

  constructor(map: MapLibreMap, options: SensorLayerOptions) {
    this.#map = map
    this.#options = options
    this.#scene = options.scene
    this.#unlisten = this.#listen()
    this.#timer = setInterval(() => this.#sweep(), sweepMs)
    this.#sweep()
  }

  /** Draws the sensors of another scene from now on. */
  setScene(scene: Scene): void {
    if (scene === this.#scene) return
    this.#unlisten()
    this.#scene = scene
    this.#unlisten = this.#listen()
    this.#placesStale = true
    this.#sweep()
  }

  select(id: string | undefined): void {
    this.#selected = id
    const sensor = id === undefined ? undefined : this.#scene.registry.get(id)
    void this.#source('selected').setData(collection(sensor ? sensorPoint(sensor) : []))
  }

  /** Draws anew which sensors are shown. */
  refilter(): void {
    this.#placesStale = true
    this.#sweep()
  }

  /** The id of the sensor nearest to a place on the map, if one is near. */
  at({ point }: MapMouseEvent): string | undefined {
    const box: [[number, number], [number, number]] = [
      [point.x - reach, point.y - reach],
      [point.x + reach, point.y + reach],
    ]
    let nearest: string | undefined
    let least = Number.POSITIVE_INFINITY
    for (const { properties, geometry } of this.#map.queryRenderedFeatures(box, { layers: [...sensorLayers] })) {
      if (geometry.type !== 'Point') continue
      const [lon = 0, lat = 0] = geometry.coordinates
      const distance = this.#map.project([lon, lat]).dist(point)
      if (distance >= least) continue
      least = distance
      nearest = String(properties.id)
    }
    return nearest
  }

  close(): void {
    this.#unlisten()
    clearInterval(this.#timer)
    cancelAnimationFrame(this.#frame)
  }

  #source(id: string): GeoJSONSource {
    const source = this.#map.getSource<GeoJSONSource>(id)
    if (!source) throw new Error(`the map has lost its source ${id}`)
    return source
  }

  #listen(): () => void {
    return this.#scene.registry.listen({
      reset: () => {
        this.#placesStale = true
        this.#schedule()
      },
      changed: (id, moved) => {
        this.#placesStale ||= moved
        this.#dirty.add(id)
        this.#schedule()
      },
    })
  }

  #schedule(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#flush())
  }

  #flush(): void {
    this.#frame = 0
    for (const id of this.#dirty) this.#drawState(this.#scene.registry.get(id))
    this.#dirty.clear()
  }

  #drawState(sensor: SensorState | undefined): void {
    if (!sensor?.meta) return
    const now = this.#scene.moment()
    const state = { freshness: freshness(sensor, now), level: shownLevel(sensor, now) }
    const key = `${state.freshness}/${state.level}`
    if (this.#drawn.get(sensor.id) === key) return
    this.#drawn.set(sensor.id, key)
    this.#map.setFeatureState({ source: 'sensors', id: sensor.id }, state)
  }

  #sweep(): void {
    if (this.#placesStale) this.#drawPlaces()
    for (const sensor of this.#scene.registry.all()) this.#drawState(sensor)
    this.#drawMarks()
  }

  #drawPlaces(): void {
    this.#placesStale = false
    const { isShown } = this.#options
    const { registry } = this.#scene
    const features = [...registry.all()].filter(isShown).flatMap((sensor) => sensorPoint(sensor))
    void this.#source('sensors').setData(collection(features))
    this.select(this.#selected)
    if (this.#ready || features.length === 0) return
    this.#ready = true
    this.#whenDrawn()
  }

  #whenDrawn(): void {
    const check = () => {
      if (!this.#map.isSourceLoaded('sensors')) return
      this.#map.off('render', check)
      this.#options.onReady()
    }
    this.#map.on('render', check)
    this.#map.triggerRepaint()
  }

  #drawMarks(): void {
    const { isShown } = this.#options
    const { registry } = this.#scene
    const at = this.#scene.moment()
    const marks: Feature<Point>[] = []
    for (const sensor of registry.all()) {
      const level = shownLevel(sensor, at)
      if (level > 0 && isShown(sensor)) marks.push(...sensorPoint(sensor, { level }))
    }
    const key = marks
      .map(({ properties, geometry }) => `${properties?.id}${properties?.level}${geometry.coordinates}`)
      .join()
    if (key === this.#marks) return
    this.#marks = key
    void this.#source('abnormal').setData(collection(marks))
  }
}

import type { Feature, Point } from 'geojson'
import type { Map as MapLibreMap } from 'maplibre-gl'
import type { SensorState } from '#telemetry/sensor.ts'
import type { Scene } from '../live/scene.ts'
import { type DrawPace, paceDrawing } from './draw-pace.ts'
import { collection, sensorPoint } from './features.ts'
import { type MarkWords, markOf } from './mark-of-sensor.ts'
import { Marks } from './marks.ts'
import type { RoadLayer } from './road-layer.ts'
import type { SourceData } from './source-data.ts'
import { type Station, stationPoints } from './stations.ts'

/** ms between two looks at the clock for sensors that have become stale */
const advanceMs = 250
/** ms between two looks at what has changed, at the least */
const flushMs = 50
/** ms between two drawings of places, at the least: sensors that come one by one are drawn together */
const placesMs = 500

/** ms after which the first sensors are drawn even if the map has not come to rest */
const settleMs = 1_500

/** How a sensor is drawn: full, hollow (waiting too) or not at all; offline ones have a source of their own. */
type ShownState = 'fresh' | 'stale' | 'hidden'

/** What the sensors' layer draws from. */
export interface SensorLayerOptions {
  /** whose sensors are drawn first; {@link SensorLayer.setScene} changes that */
  scene: Scene
  isShown: (sensor: SensorState) => boolean
  /** what is told beside marks */
  markWords: MarkWords
  /** what is told beside a station: how the air is, or why nobody knows */
  stationWords: (station: Station) => string
  /** resolves when the ground is drawn, if it is drawn apart */
  ground: Promise<unknown> | undefined
  /** the first sensors are drawn, and the ground */
  onReady: () => void
}

/**
 * Keeps the map's sensors as the registry has them. Only what has changed is looked at, shortly before each drawing: freshness
 * goes by feature-state, the abnormal ones have a small source of their own, places are given anew only when one has changed.
 */
export class SensorLayer {
  readonly #map: MapLibreMap
  readonly #sources: SourceData
  readonly #pace: DrawPace
  readonly #options: SensorLayerOptions
  readonly #marks: Marks
  readonly #offline: Marks
  readonly #manual: Marks
  readonly #roads: RoadLayer | undefined
  /** how the map shows each sensor: by feature-state if it has one, else as it was when places were given */
  readonly #drawn = new Map<string, ShownState>()
  readonly #stated = new Set<string>()
  readonly #dirty = new Set<string>()
  #scene: Scene
  #unlisten: () => void
  readonly #timer: ReturnType<typeof setInterval>
  #drawing: ReturnType<typeof setTimeout> | undefined
  #flushedAt = Number.NEGATIVE_INFINITY
  #placesStale = true
  #allStale = true
  #placesAt = Number.NEGATIVE_INFINITY
  #selected: string | undefined
  #ready = false
  #stations: readonly Station[] = []
  #stationsStale = false

  /** `roads` are coloured along with the sensors. */
  constructor(map: MapLibreMap, sources: SourceData, options: SensorLayerOptions, roads?: RoadLayer) {
    this.#map = map
    this.#sources = sources
    this.#pace = paceDrawing(map)
    this.#roads = roads
    this.#options = options
    this.#marks = new Marks(sources, 'marks', () => this.#schedule())
    this.#offline = new Marks(sources, 'offline', () => this.#schedule())
    this.#manual = new Marks(sources, 'manual', () => this.#schedule())
    this.#scene = options.scene
    this.#unlisten = this.#listen()
    this.#timer = setInterval(() => this.#tick(), advanceMs)
  }

  /** Draws the sensors that are known; `add` adds the sources, which then have their first data, and the layers. */
  begin(add: () => void): void {
    this.#scene.registry.advance(this.#scene.moment())
    this.#setSensorSource()
    add()
    this.#sources.begin()
    this.#roads?.flush(this.#scene)
  }

  /** Draws the sensors of another scene from now on. */
  setScene(scene: Scene): void {
    if (scene === this.#scene) return
    this.#unlisten()
    this.#scene = scene
    this.#unlisten = this.#listen()
    this.#redraw()
  }

  select(id: string | undefined): void {
    if (id === undefined && this.#selected === undefined) return
    this.#selected = id
    const sensor = id === undefined ? undefined : this.#scene.registry.get(id)
    void this.#sources.set('selected', collection(sensor ? sensorPoint(sensor) : []))
  }

  /** Shows these stations with their VN_AQI. */
  setStations(stations: readonly Station[]): void {
    if (stations.length === 0 && this.#stations.length === 0) return
    this.#stations = stations
    this.#stationsStale = true
    this.#schedule()
  }

  /** Draws anew which sensors are shown. */
  refilter(): void {
    this.#allStale = true
    this.#stationsStale = this.#stations.length > 0
    this.#schedule()
  }

  isShown(id: string): boolean {
    const sensor = this.#scene.registry.get(id)
    return sensor !== undefined && this.#options.isShown(sensor)
  }

  /** There are other roads: gives the map those with sensors on them. */
  cutRoads(): void {
    this.#roads?.cut(this.#scene)
    this.#schedule()
  }

  close(): void {
    this.#unlisten()
    clearInterval(this.#timer)
    clearTimeout(this.#drawing)
    this.#pace.close()
    this.#roads?.close()
  }

  #listen(): () => void {
    return this.#scene.registry.listen({
      reset: () => this.#redraw(),
      changed: (id, moved) => {
        this.#placesStale ||= moved
        this.#dirty.add(id)
        this.#schedule()
      },
    })
  }

  #redraw(): void {
    this.#allStale = true
    this.#placesStale = true
    this.#placesAt = Number.NEGATIVE_INFINITY
    this.#schedule()
  }

  #tick(): void {
    this.#scene.registry.advance(this.#scene.moment())
    if (this.#placesStale) this.#schedule()
  }

  #schedule(): void {
    this.#drawing ??= setTimeout(
      () => this.#flush(),
      Math.max(this.#pace.msToNext(), this.#flushedAt + flushMs - performance.now()),
    )
  }

  #flush(): void {
    this.#drawing = undefined
    this.#setSensorSource()
    this.#roads?.flush(this.#scene)
    if (this.#stationsStale) this.#drawStations()
  }

  #setSensorSource(): void {
    this.#flushedAt = performance.now()
    const { registry } = this.#scene
    if (this.#placesStale && performance.now() - this.#placesAt > placesMs) this.#drawPlaces()
    if (this.#allStale) {
      this.#allStale = false
      for (const marks of [this.#marks, this.#offline, this.#manual])
        marks.retain((id) => registry.get(id) !== undefined)
      for (const sensor of registry.all()) this.#draw(sensor)
    } else for (const id of this.#dirty) this.#draw(registry.get(id))
    this.#dirty.clear()
    const marked = [this.#marks, this.#offline, this.#manual].filter((marks) => marks.flush())
    if (marked.length > 0) this.#pace.awaitMarks()
  }

  #draw(sensor: SensorState | undefined): void {
    if (!sensor?.meta) return
    this.#roads?.touch(sensor.id)
    const standing = this.#scene.registry.standing(sensor.id)
    const shown = this.#options.isShown(sensor)
    const mark = markOf(standing, this.#options.markWords)
    this.#marks.set(sensor.id, shown && mark ? sensorPoint(sensor, mark)[0] : undefined)
    const offline = shown && standing.freshness === 'offline'
    this.#offline.set(sensor.id, offline ? sensorPoint(sensor)[0] : undefined)
    this.#manual.set(sensor.id, shown && standing.isManual ? sensorPoint(sensor)[0] : undefined)
    const state = this.#shownStateOf(sensor)
    if (this.#drawn.get(sensor.id) === state) return
    this.#drawn.set(sensor.id, state)
    this.#stated.add(sensor.id)
    this.#map.setFeatureState({ source: 'sensors', id: sensor.id }, { state })
  }

  #shownStateOf(sensor: SensorState): ShownState {
    const { freshness } = this.#scene.registry.standing(sensor.id)
    if (freshness === 'offline' || !this.#options.isShown(sensor)) return 'hidden'
    return freshness === 'fresh' ? 'fresh' : 'stale'
  }

  /** A sensor's point with its state, so that feature-state is only for what changes later: thousands at once take long. */
  #pointOf(sensor: SensorState): Feature<Point>[] {
    const state = this.#shownStateOf(sensor)
    if (!this.#stated.has(sensor.id)) this.#drawn.set(sensor.id, state)
    return sensorPoint(sensor, { state })
  }

  #drawStations(): void {
    this.#stationsStale = false
    void this.#sources.set('stations', stationPoints(this.#stations, this.#options.stationWords))
  }

  #drawPlaces(): void {
    this.#placesStale = false
    this.#placesAt = performance.now()
    const features = [...this.#scene.registry.all()].flatMap((sensor) => this.#pointOf(sensor))
    void this.#sources.set('sensors', collection(features))
    this.#roads?.cut(this.#scene)
    this.select(this.#selected)
    if (this.#ready || features.length === 0) return
    this.#ready = true
    this.#whenDrawn()
  }

  #whenDrawn(): void {
    const check = () => {
      if (!this.#map.isSourceLoaded('sensors')) return
      this.#map.off('render', check)
      const { ground, onReady } = this.#options
      // MapLibre rests before what it has drawn is seen, which is when the next frame begins
      const idle = this.#map.once('idle').then(() => new Promise(requestAnimationFrame))
      // seen by a benchmark, and in the browser's own tools
      void Promise.all([idle, ground]).then(() => performance.mark('map-idle'))
      // a feed that never rests is drawn all the same
      const settled = new Promise((resolve) => setTimeout(resolve, settleMs))
      void Promise.all([Promise.race([idle, settled]), ground]).then(() => {
        this.#pace.begin()
        this.#roads?.begin()
        onReady()
      })
    }
    this.#map.on('render', check)
    this.#map.triggerRepaint()
  }
}

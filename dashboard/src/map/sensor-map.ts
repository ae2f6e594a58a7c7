import type { Feature, FeatureCollection, Point } from 'geojson'
import {
  AttributionControl,
  type GeoJSONSource,
  type LayerSpecification,
  Map as MapLibreMap,
  type MapMouseEvent,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import type { District } from '#telemetry/district.ts'
import { kinds } from '#telemetry/kinds.ts'
import { freshness, type SensorState } from '#telemetry/sensor.ts'
import type { Place } from '../address.ts'
import type { SchematicMap } from '../api-client.ts'
import type { Language } from '../i18n/messages.ts'
import type { Theme } from '../page.svelte.ts'
import { type SensorRegistry, shownLevel } from '../sensor-registry.ts'
import { drawMark, drawSensor, iconPixelRatio } from './icons.ts'
import { baseLayers, sensorLayerSpecs, sensorLayers } from './layers.ts'
import { palettes } from './palette.ts'

/** How often (ms) freshness is judged anew and abnormal marks are drawn anew, at the most. */
const sweepMs = 500
/** Half the side (px) of the square around a click in which sensors are looked for. */
const reach = 14

/** What the map needs; it keeps no reference to the view's reactivity. */
export interface SensorMapOptions {
  container: HTMLElement
  registry: SensorRegistry
  /** the server's clock, epoch ms */
  now: () => number
  districts: readonly District[]
  base: SchematicMap
  /** an installation's own map style instead of the schematic one */
  styleUrl: string | undefined
  view: Place['view']
  theme: Theme
  language: Language
  isShown: (sensor: SensorState) => boolean
  onSelect: (id: string) => void
  /** the user has moved the map */
  onView: (view: NonNullable<Place['view']>) => void
  /** the first sensors are drawn */
  onReady: () => void
}

/** The live map. It moves only when the user moves it. */
export interface SensorMap {
  setLook(theme: Theme, language: Language): void
  select(id: string | undefined): void
  /** filters have changed */
  refilter(): void
  /** moves there, because the user has asked for it */
  show(sensor: SensorState): void
  close(): void
}

/** Whether this browser can draw the map. */
export function hasWebgl2(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null
}

/** Creates the map; rejects when its style does not load. */
export async function createSensorMap(options: SensorMapOptions): Promise<SensorMap> {
  setWorkerUrl(workerUrl)
  // labels are drawn with the page's font, so it has to be there first
  await Promise.all(['Tây Ninh', 'Ưởng ặ'].map((text) => document.fonts.load('400 13px "Be Vietnam Pro"', text)))
  const map = new MapLibreMap({
    container: options.container,
    style: options.styleUrl ?? { version: 8, sources: {}, layers: [] },
    ...startView(options),
    fadeDuration: 0,
    maxPitch: 0,
    dragRotate: false,
    attributionControl: false,
  })
  map.touchZoomRotate.disableRotation()
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
  map.addControl(new ScaleControl(), 'bottom-left')
  map.addControl(new AttributionControl({ compact: true }), 'bottom-right')
  await new Promise<void>((resolve, reject) => {
    map.once('load', () => resolve())
    map.once('error', (event) => reject(event.error))
  })
  return new LiveMap(map, options)
}

function startView({ view, districts }: SensorMapOptions) {
  if (view) return { center: [view.lon, view.lat] as [number, number], zoom: view.zoom }
  const points = districts.flatMap((district) => district.outline)
  const first = points[0]
  if (!first) return { center: [106.13, 11.31] as [number, number], zoom: 11 }
  const bounds: [number, number, number, number] = [...first, ...first]
  for (const [lon, lat] of points) {
    bounds[0] = Math.min(bounds[0], lon)
    bounds[1] = Math.min(bounds[1], lat)
    bounds[2] = Math.max(bounds[2], lon)
    bounds[3] = Math.max(bounds[3], lat)
  }
  return { bounds, fitBoundsOptions: { padding: 24 } }
}

const collection = <Geometry extends GeoJSON.Geometry>(features: Feature<Geometry>[]): FeatureCollection<Geometry> => ({
  type: 'FeatureCollection',
  features,
})

function pointOf(sensor: SensorState, properties: Record<string, unknown> = {}): Feature<Point>[] {
  if (!sensor.meta) return []
  const { id, kind, district } = sensor
  const geometry: Point = { type: 'Point', coordinates: sensor.meta.position }
  return [{ type: 'Feature', geometry, properties: { id, kind, district, ...properties } }]
}

class LiveMap implements SensorMap {
  readonly #map: MapLibreMap
  readonly #options: SensorMapOptions
  /** what was last given to feature-state, as `freshness/level` */
  readonly #drawn = new Map<string, string>()
  readonly #dirty = new Set<string>()
  readonly #unlisten: () => void
  readonly #timer: ReturnType<typeof setInterval>
  #frame = 0
  #placesStale = true
  #marks = ''
  #selected: string | undefined
  #ready = false

  constructor(map: MapLibreMap, options: SensorMapOptions) {
    this.#map = map
    this.#options = options
    this.#addImages()
    this.#addSources()
    for (const layer of this.#layers(options.theme, options.language)) map.addLayer(layer)
    map.on('click', (event) => this.#click(event))
    map.on('mousemove', (event) => {
      map.getCanvas().style.cursor = this.#at(event) ? 'pointer' : ''
    })
    map.on('moveend', (event) => {
      // a resize of the window ends a move too, but nobody has moved the map
      if (!event.originalEvent && !('asked' in event)) return
      const { lng, lat } = map.getCenter()
      options.onView({ lon: lng, lat, zoom: map.getZoom() })
    })
    this.#unlisten = options.registry.listen({
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
    this.#timer = setInterval(() => this.#sweep(), sweepMs)
    this.#sweep()
  }

  setLook(theme: Theme, language: Language): void {
    for (const layer of this.#layers(theme, language)) {
      const paint: Record<string, unknown> = { ...layer.paint }
      const layout: Record<string, unknown> = 'layout' in layer ? { ...layer.layout } : {}
      // names and values come in pairs from a typed layer; the map's own types cannot follow a loop over them
      for (const [name, value] of Object.entries(paint))
        this.#map.setPaintProperty(layer.id, name as never, value as never)
      for (const [name, value] of Object.entries(layout))
        this.#map.setLayoutProperty(layer.id, name as never, value as never)
    }
  }

  select(id: string | undefined): void {
    this.#selected = id
    const sensor = id === undefined ? undefined : this.#options.registry.get(id)
    this.#source('selected').setData(collection(sensor ? pointOf(sensor) : []))
  }

  refilter(): void {
    this.#placesStale = true
    this.#sweep()
  }

  show(sensor: SensorState): void {
    if (!sensor.meta) return
    this.#map.jumpTo({ center: sensor.meta.position, zoom: Math.max(14, this.#map.getZoom()) }, { asked: true })
  }

  close(): void {
    this.#unlisten()
    clearInterval(this.#timer)
    cancelAnimationFrame(this.#frame)
    this.#map.remove()
  }

  #layers(theme: Theme, language: Language): LayerSpecification[] {
    const own = sensorLayerSpecs(theme)
    return this.#options.styleUrl === undefined ? [...baseLayers(theme, language), ...own] : own
  }

  #addImages(): void {
    const add = (name: string, image: ImageData) => this.#map.addImage(name, image, { pixelRatio: iconPixelRatio })
    for (const theme of ['light', 'dark'] as const) {
      for (const kind of kinds)
        for (const look of ['fresh', 'stale', 'offline'] as const)
          add(`${look}-${kind}-${theme}`, drawSensor(kind, look, palettes[theme]))
      for (const level of [1, 2] as const) add(`mark-${level}-${theme}`, drawMark(level, palettes[theme]))
    }
  }

  #addSources(): void {
    const { districts, base } = this.#options
    const outlines = districts.map(
      ({ id, outline }): Feature => ({
        type: 'Feature',
        properties: { id },
        geometry: { type: 'Polygon', coordinates: [outline] },
      }),
    )
    const wards = districts
      .flatMap((district) => district.wards)
      .map(
        ({ name, centre }): Feature => ({
          type: 'Feature',
          properties: { name_vi: name.vi, name_en: name.en },
          geometry: { type: 'Point', coordinates: centre },
        }),
      )
    const empty = collection([])
    this.#map.addSource('districts', { type: 'geojson', data: collection(outlines) })
    this.#map.addSource('wards', { type: 'geojson', data: collection(wards) })
    this.#map.addSource('base', { type: 'geojson', data: base })
    this.#map.addSource('sensors', { type: 'geojson', data: empty, promoteId: 'id' })
    this.#map.addSource('abnormal', { type: 'geojson', data: empty })
    this.#map.addSource('selected', { type: 'geojson', data: empty })
  }

  #source(id: string): GeoJSONSource {
    const source = this.#map.getSource<GeoJSONSource>(id)
    if (!source) throw new Error(`the map has lost its source ${id}`)
    return source
  }

  #schedule(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#flush())
  }

  #flush(): void {
    this.#frame = 0
    for (const id of this.#dirty) this.#drawState(this.#options.registry.get(id))
    this.#dirty.clear()
  }

  #drawState(sensor: SensorState | undefined): void {
    if (!sensor?.meta) return
    const now = this.#options.now()
    const state = { freshness: freshness(sensor, now), level: shownLevel(sensor, now) }
    const key = `${state.freshness}/${state.level}`
    if (this.#drawn.get(sensor.id) === key) return
    this.#drawn.set(sensor.id, key)
    this.#map.setFeatureState({ source: 'sensors', id: sensor.id }, state)
  }

  #sweep(): void {
    const { registry } = this.#options
    if (this.#placesStale) this.#drawPlaces()
    for (const sensor of registry.all()) this.#drawState(sensor)
    this.#drawMarks()
  }

  #drawPlaces(): void {
    this.#placesStale = false
    const { registry, isShown } = this.#options
    const features = [...registry.all()].filter(isShown).flatMap((sensor) => pointOf(sensor))
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
    const now = this.#options.now()
    const marks: Feature<Point>[] = []
    for (const sensor of this.#options.registry.all()) {
      const level = shownLevel(sensor, now)
      if (level > 0 && this.#options.isShown(sensor)) marks.push(...pointOf(sensor, { level }))
    }
    const key = marks
      .map(({ properties, geometry }) => `${properties?.id}${properties?.level}${geometry.coordinates}`)
      .join()
    if (key === this.#marks) return
    this.#marks = key
    this.#source('abnormal').setData(collection(marks))
  }

  #at({ point }: MapMouseEvent): string | undefined {
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

  #click(event: MapMouseEvent): void {
    const id = this.#at(event)
    if (id !== undefined) this.#options.onSelect(id)
  }
}

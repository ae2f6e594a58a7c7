import {
  AttributionControl,
  type LayerSpecification,
  Map as MapLibreMap,
  type MapMovementEvent,
  prewarm,
  ScaleControl,
  type Point as ScreenPoint,
  setWorkerUrl,
} from 'maplibre-gl'
import './map.css'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import type { District } from '#telemetry/district.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import type { SchematicMap } from '../live/api-client.ts'
import type { Scene } from '../live/scene.ts'
import type { Place } from '../navigation/address.ts'
import { mapFontLoaded } from '../ui/fonts.ts'
import { loadBaseMap } from './base-map.ts'
import type { BaseMapArchive } from './base-map-archive.ts'
import { boundsOf } from './bounds.ts'
import { congestionLayers } from './congestion-layers.ts'
import { districtCamera, districtPadding, followDistricts, isByUser, recordView } from './district-view.ts'
import { outlines, wardPoints } from './features.ts'
import { lines, points } from './geojson-sources.ts'
import { outlineLayer } from './ground-layers.ts'
import { createGroundMap, type Ground, type GroundMap } from './ground-map.ts'
import { isSameAppearance, type MapAppearance } from './map-appearance.ts'
import { MapImages } from './map-images.ts'
import { sketchNameLayers } from './name-layers.ts'
import { drawNoSky } from './no-sky.ts'
import { type Picked, pickAt } from './pick.ts'
import { RoadLayer } from './road-layer.ts'
import type { RoadSource } from './road-source.ts'
import { roadSourceOf } from './road-source-of.ts'
import { SensorLayer, type SensorLayerOptions } from './sensor-layer.ts'
import { sensorLayerSpecs } from './sensor-layer-specs.ts'
import { addSensorSources, expansionZoom, scaleClusters } from './sensor-sources.ts'
import { setLayers } from './set-layers.ts'
import { sketchGround } from './sketch.ts'
import { SourceData } from './source-data.ts'
import type { Station } from './stations.ts'

type View = NonNullable<Place['view']>

/** What the map needs; it keeps no reference to the view's reactivity. */
export interface SensorMapOptions extends Omit<SensorLayerOptions, 'ground'> {
  container: HTMLElement
  /** lies below `container` and is of the same size */
  groundContainer: HTMLElement
  districts: readonly District[]
  base: SchematicMap
  /** an installation's own map style instead of the schematic one */
  styleUrl: string | undefined
  /** the installation's base map instead of the schematic one */
  baseMap: Promise<BaseMapArchive> | undefined
  view: Place['view']
  appearance: MapAppearance
  onSelect: (id: string) => void
  /** the user has moved the map */
  onView: (view: View) => void
}

/** The live map. It moves only when the user moves it. */
export interface SensorMap {
  /** shows the sensors of the live feed, or those of a replay */
  setScene(scene: Scene): void
  setAppearance(appearance: MapAppearance): void
  /** shows these air-quality stations with their VN_AQI */
  setStations(stations: readonly Station[]): void
  select(id: string | undefined): void
  /** filters have changed */
  refilter(): void
  /** moves there, because the user has asked for it, as all below */
  show(sensor: SensorState): void
  moveTo(view: View): void
  zoom(by: 1 | -1): void
  /** shows all districts */
  fit(): void
  /** opens what stands in the middle of the map, or takes a cluster apart */
  pickCentre(): void
  close(): void
}

/** marks a movement as asked for by the user */
const asked = { asked: true }
/** whose work the base map is (ODbL) */
const attribution =
  '<a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noreferrer">© OpenStreetMap</a>'
/** ms that a movement takes: short enough for who wants no movement */
const easeMs = 200

/** Loads what each map needs, while the page still waits for what the map is to show. */
export function warmUp(): void {
  setWorkerUrl(workerUrl)
  prewarm()
}

/** Creates the map; rejects when its style or base map does not load. */
export async function createSensorMap(options: SensorMapOptions): Promise<SensorMap> {
  warmUp()
  const ground = await groundOf(options)
  const map = new MapLibreMap({
    container: options.container,
    style: options.styleUrl ?? { version: 8, sources: {}, layers: [] },
    ...startView(options),
    fadeDuration: 0,
    maxPitch: 0,
    dragRotate: false,
    attributionControl: false,
  })
  drawNoSky(map)
  followDistricts(map, options.districts, options.view !== undefined)
  recordView(map)
  const { groundContainer, appearance } = options
  const groundMap = ground && createGroundMap(map, { container: groundContainer, ground, appearance })
  map.touchZoomRotate.disableRotation()
  map.addControl(new ScaleControl(), 'bottom-left')
  map.addControl(
    new AttributionControl({ compact: false, ...(options.baseMap && { customAttribution: attribution }) }),
    'bottom-right',
  )
  try {
    const styled = new Promise<void>((resolve, reject) => {
      map.once('style.load', () => resolve())
      map.once('error', (event) => reject(event.error))
    })
    // labels are drawn with the page's font, so it has to be there before them
    await Promise.all([styled, mapFontLoaded()])
  } catch (error) {
    groundMap?.close()
    map.remove()
    throw error
  }
  return new LiveMap(map, options, groundMap)
}

/** What lies beneath the sensors; nothing beneath an installation's own style, which has a ground. */
async function groundOf({ styleUrl, baseMap, districts, base }: SensorMapOptions): Promise<Ground | undefined> {
  if (styleUrl !== undefined) return undefined
  if (baseMap === undefined) return sketchGround(districts, base)
  // its names are drawn with the page's font
  const [ground] = await Promise.all([loadBaseMap(baseMap, districts), mapFontLoaded()])
  return ground
}

function startView({ view, districts, container }: SensorMapOptions) {
  if (view) return { center: [view.lon, view.lat] as [number, number], zoom: view.zoom }
  const bounds = boundsOf(districts)
  return bounds ? { bounds, fitBoundsOptions: { padding: districtPadding(container) } } : {}
}

class LiveMap implements SensorMap {
  readonly #map: MapLibreMap
  readonly #options: SensorMapOptions
  readonly #images: MapImages
  #appearance: MapAppearance
  readonly #sensors: SensorLayer
  readonly #ground: GroundMap | undefined
  readonly #roads: RoadSource | undefined

  constructor(map: MapLibreMap, options: SensorMapOptions, ground: GroundMap | undefined) {
    this.#map = map
    this.#options = options
    this.#ground = ground
    this.#roads = roadSourceOf(options, () => this.#sensors.cutRoads())
    this.#images = new MapImages(map, options.appearance)
    this.#appearance = options.appearance
    const sources = new SourceData(map)
    const roads = this.#roads && new RoadLayer(map, sources, this.#roads)
    this.#sensors = new SensorLayer(map, sources, { ...options, ground: ground?.drawn }, roads)
    this.#sensors.begin(() => {
      this.#addGroundSources()
      addSensorSources(map, sources, options.appearance.scale)
      if (this.#roads) map.addSource('pieces', { ...lines, data: sources.first('pieces'), promoteId: 'id' })
      for (const layer of this.#layers(options.appearance)) map.addLayer(layer)
    })
    map.on('click', (event) => this.#open(this.#pick(event.point)))
    map.on('mousemove', (event) => {
      map.getCanvas().style.cursor = this.#pick(event.point) ? 'pointer' : ''
    })
    // a resize of the window is a move too, but nobody has moved the map; moves by the wheel do not tell whose they are
    let byUser = false
    const notice = (event: MapMovementEvent) => {
      byUser ||= isByUser(event)
    }
    map.on('wheel', () => {
      byUser = true
    })
    map.on('movestart', notice)
    map.on('moveend', (event) => {
      notice(event)
      if (!byUser) return
      byUser = false
      const { lng, lat } = map.getCenter()
      options.onView({ lon: lng, lat, zoom: map.getZoom() })
    })
  }

  setScene(scene: Scene): void {
    this.#sensors.setScene(scene)
  }

  setStations(stations: readonly Station[]): void {
    this.#images.setStations(stations.map((station) => ('index' in station ? station.index : undefined)))
    this.#sensors.setStations(stations)
  }

  setAppearance(appearance: MapAppearance): void {
    if (isSameAppearance(appearance, this.#appearance)) return
    const before = this.#appearance
    this.#appearance = appearance
    this.#images.setAppearance(appearance)
    setLayers(this.#map, this.#layers(appearance))
    if (appearance.scale !== before.scale) scaleClusters(this.#map, appearance.scale)
    this.#ground?.setAppearance(appearance)
    // marks hold words
    this.#sensors.refilter()
  }

  select(id: string | undefined): void {
    this.#sensors.select(id)
  }

  refilter(): void {
    this.#sensors.refilter()
  }

  show({ meta }: SensorState): void {
    if (meta) this.#map.jumpTo({ center: meta.position, zoom: Math.max(14, this.#map.getZoom()) }, asked)
  }

  moveTo({ lon, lat, zoom }: View): void {
    this.#map.jumpTo({ center: [lon, lat], zoom }, asked)
  }

  zoom(by: 1 | -1): void {
    this.#map.zoomTo(this.#map.getZoom() + by, { duration: easeMs }, asked)
  }

  fit(): void {
    const camera = districtCamera(this.#map, this.#options.districts)
    if (camera) this.#map.easeTo({ ...camera, duration: easeMs }, asked)
  }

  pickCentre(): void {
    this.#open(this.#pick(this.#map.project(this.#map.getCenter())))
  }

  close(): void {
    this.#sensors.close()
    this.#ground?.close()
    this.#map.remove()
  }

  #pick(point: ScreenPoint): Picked | undefined {
    return pickAt(this.#map, point, (id) => this.#sensors.isShown(id))
  }

  #open(picked: Picked | undefined): void {
    if (!picked) return
    if ('sensor' in picked) {
      this.#options.onSelect(picked.sensor)
      return
    }
    const { cluster, position } = picked
    const goTo = (zoom: number) => this.#map.easeTo({ center: position, zoom, duration: easeMs }, asked)
    // marks that were given anew since have clusters of other numbers: then two steps nearer will do
    expansionZoom(this.#map, cluster).then(goTo, () => goTo(this.#map.getZoom() + 2))
  }

  /** whether the sketch is drawn, for want of another map */
  get #isSketch(): boolean {
    const { styleUrl, baseMap } = this.#options
    return styleUrl === undefined && baseMap === undefined
  }

  #layers(appearance: MapAppearance): LayerSpecification[] {
    const own = [...(this.#roads ? congestionLayers(appearance) : []), ...sensorLayerSpecs(appearance)]
    if (this.#options.styleUrl !== undefined) return [outlineLayer(appearance.theme), ...own]
    // outlines are on the ground, and names too where it is a base map
    return this.#isSketch ? [...sketchNameLayers(appearance), ...own] : own
  }

  /** What is drawn beneath the sensors on their own canvas. */
  #addGroundSources(): void {
    const { districts, base, styleUrl } = this.#options
    if (styleUrl !== undefined) this.#map.addSource('districts', { type: 'geojson', data: outlines(districts) })
    if (!this.#isSketch) return
    this.#map.addSource('wards', { ...points, data: wardPoints(districts) })
    this.#map.addSource('base', { type: 'geojson', data: base })
  }
}

import type { Map as MapLibreMap } from 'maplibre-gl'
import { kinds } from '#telemetry/kinds.ts'
import { severities } from '#telemetry/severity.ts'
import { glyphs } from '../sensor/glyphs.ts'
import { type Drawing, drawManual, drawMark, drawSensor, drawShelvedMark, drawStation } from './icons.ts'
import type { MapAppearance } from './map-appearance.ts'
import { severitiesWithGlyph, shelvedRanks } from './mark-of-sensor.ts'
import { palettes } from './palette.ts'

/** px of an image to one of its own, at least and at most: at a desk an image is drawn 1.4 times as large as it is */
const leastRatio = 2
const mostRatio = 6

type ImageAppearance = Pick<MapAppearance, 'theme' | 'scale'>

/** The images of a map's layers: those of one theme and size are drawn when that is first shown, for drawing all takes a while. */
export class MapImages {
  readonly #map: MapLibreMap
  readonly #drawn = new Set<string>()
  #stations = new Set<number | undefined>()
  #appearance: ImageAppearance

  constructor(map: MapLibreMap, appearance: ImageAppearance) {
    this.#map = map
    this.#appearance = appearance
    this.setAppearance(appearance)
  }

  /** Adds the images that layers of this appearance name; larger ones take the place of smaller ones. */
  setAppearance(appearance: ImageAppearance): void {
    if (appearance.scale !== this.#appearance.scale) this.#removeAll()
    this.#appearance = appearance
    const { theme } = appearance
    const drawing = this.#drawing
    for (const kind of kinds)
      for (const state of ['fresh', 'stale', 'offline'] as const)
        this.#add(`${state}-${kind}-${theme}`, () => drawSensor(kind, state, drawing))
    this.#add(`manual-${theme}`, () => drawManual(drawing))
    for (const severity of severities) {
      this.#add(`mark-${severity}-${theme}`, () => drawMark(severity, drawing))
      this.#add(`mark-${shelvedRanks[severity]}-${theme}`, () => drawShelvedMark(severity, drawing))
    }
    for (const [cause, glyph] of Object.entries(glyphs))
      for (const severity of severitiesWithGlyph)
        this.#add(`mark-${severity}-${cause}-${theme}`, () => drawMark(severity, drawing, glyph))
    this.#addStations()
  }

  /** Adds the images of stations with these numbers, or without one. */
  setStations(indices: Iterable<number | undefined>): void {
    this.#stations = new Set(indices)
    this.#addStations()
  }

  get #drawing(): Drawing {
    const { theme, scale } = this.#appearance
    const shown = Math.ceil(1.4 * scale * devicePixelRatio)
    return { palette: palettes[theme], ratio: Math.min(mostRatio, Math.max(leastRatio, shown)) }
  }

  #addStations(): void {
    const drawing = this.#drawing
    for (const index of this.#stations)
      this.#add(`aqi-${index ?? 'none'}-${this.#appearance.theme}`, () => drawStation(index, drawing))
  }

  #add(name: string, draw: () => ImageData): void {
    if (this.#drawn.has(name)) return
    this.#drawn.add(name)
    this.#map.addImage(name, draw(), { pixelRatio: this.#drawing.ratio })
  }

  #removeAll(): void {
    for (const name of this.#drawn) this.#map.removeImage(name)
    this.#drawn.clear()
  }
}

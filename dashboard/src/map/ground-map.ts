import { Map as MapLibreMap } from 'maplibre-gl'
import type { District } from '#telemetry/district.ts'
import type { SchematicMap } from '../live/api-client.ts'
import type { Theme } from '../ui/colours.ts'
import { outlines } from './features.ts'
import { drawWhole } from './first-drawing.ts'
import { lines } from './geojson-sources.ts'
import { groundLayers } from './ground-layers.ts'
import { drawNoSky } from './no-sky.ts'
import { palettes } from './palette.ts'
import { setLayers } from './set-layers.ts'

/** The ground of the sketch: what lies beneath everything and changes only with the theme. */
export interface GroundMap {
  /** resolves when all of it has been drawn once */
  drawn: Promise<unknown>
  setTheme(theme: Theme): void
  close(): void
}

export interface GroundMapOptions {
  container: HTMLElement
  districts: readonly District[]
  base: SchematicMap
  theme: Theme
}

/**
 * Draws the ground on a canvas of its own below that of the sensors, and only when that one has moved: without a graphics card
 * it costs more than all sensors, which are drawn several times a second.
 */
export function createGroundMap(above: MapLibreMap, options: GroundMapOptions): GroundMap {
  const { container, districts, base, theme } = options
  const place = () => ({ center: above.getCenter(), zoom: above.getZoom(), bearing: above.getBearing() })
  // a layer of one colour would cost more than all roads
  const paintGround = (of: Theme) => {
    container.style.backgroundColor = palettes[of].ground
  }
  paintGround(theme)
  const map = new MapLibreMap({
    container,
    style: {
      version: 8,
      sources: {
        districts: { ...lines, data: outlines(districts) },
        base: { ...lines, data: base },
      },
      layers: groundLayers(theme),
    },
    ...place(),
    interactive: false,
    attributionControl: false,
    fadeDuration: 0,
    maxPitch: 0,
  })
  drawNoSky(map)
  const drawAlways = drawWhole(map)
  const loaded = map.once('style.load')
  const follow = () => {
    map.jumpTo(place())
    // in the same frame, or else the sensors would swim over their roads
    map.redraw()
  }
  above.on('move', follow)
  const drawn = map.once('idle').then(drawAlways)
  return {
    drawn,
    setTheme(next) {
      paintGround(next)
      void loaded.then(() => setLayers(map, groundLayers(next)))
    },
    close() {
      above.off('move', follow)
      map.remove()
    },
  }
}

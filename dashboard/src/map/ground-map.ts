import { type LayerSpecification, Map as MapLibreMap, type SourceSpecification } from 'maplibre-gl'
import { drawWhole } from './first-drawing.ts'
import type { NameAppearance } from './name-layers.ts'
import { drawNoSky } from './no-sky.ts'
import { palettes } from './palette.ts'
import { setLayers } from './set-layers.ts'

/** What the ground is drawn from: that of the sketch, or that of a base map. */
export interface Ground {
  sources: Record<string, SourceSpecification>
  /** the same ones for every appearance */
  layers(appearance: NameAppearance): LayerSpecification[]
}

/** The ground: what lies beneath everything and changes only with the appearance. */
export interface GroundMap {
  /** resolves when all of it has been drawn once */
  drawn: Promise<unknown>
  setAppearance(appearance: NameAppearance): void
  close(): void
}

export interface GroundMapOptions {
  container: HTMLElement
  ground: Ground
  appearance: NameAppearance
}

/**
 * Draws the ground on a canvas of its own below that of the sensors, and only when that one has moved: without a graphics card
 * it costs more than all sensors, which are drawn several times a second.
 */
export function createGroundMap(above: MapLibreMap, options: GroundMapOptions): GroundMap {
  const { container, ground, appearance } = options
  const place = () => ({ center: above.getCenter(), zoom: above.getZoom(), bearing: above.getBearing() })
  // a layer of one colour would cost more than all roads
  const paintGround = ({ theme }: NameAppearance) => {
    container.style.backgroundColor = palettes[theme].ground
  }
  paintGround(appearance)
  const map = new MapLibreMap({
    container,
    style: {
      version: 8,
      sources: ground.sources,
      layers: ground.layers(appearance),
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
    setAppearance(next) {
      paintGround(next)
      void loaded.then(() => setLayers(map, ground.layers(next)))
    },
    close() {
      above.off('move', follow)
      map.remove()
    },
  }
}

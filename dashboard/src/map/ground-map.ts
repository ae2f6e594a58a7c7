import { type LayerSpecification, Map as MapLibreMap, type SourceSpecification } from 'maplibre-gl'
import { drawWhole } from './first-drawing.ts'
import type { NameLook } from './name-layers.ts'
import { drawNoSky } from './no-sky.ts'
import { palettes } from './palette.ts'
import { setLayers } from './set-layers.ts'

/** What the ground is drawn from: that of the sketch, or that of a base map. */
export interface Ground {
  sources: Record<string, SourceSpecification>
  /** the same ones for every look */
  layers(look: NameLook): LayerSpecification[]
}

/** The ground: what lies beneath everything and changes only with the look. */
export interface GroundMap {
  /** resolves when all of it has been drawn once */
  drawn: Promise<unknown>
  setLook(look: NameLook): void
  close(): void
}

export interface GroundMapOptions {
  container: HTMLElement
  ground: Ground
  look: NameLook
}

/**
 * Draws the ground on a canvas of its own below that of the sensors, and only when that one has moved: without a graphics card
 * it costs more than all sensors, which are drawn several times a second.
 */
export function createGroundMap(above: MapLibreMap, options: GroundMapOptions): GroundMap {
  const { container, ground, look } = options
  const place = () => ({ center: above.getCenter(), zoom: above.getZoom(), bearing: above.getBearing() })
  // a layer of one colour would cost more than all roads
  const paintGround = ({ theme }: NameLook) => {
    container.style.backgroundColor = palettes[theme].ground
  }
  paintGround(look)
  const map = new MapLibreMap({
    container,
    style: {
      version: 8,
      sources: ground.sources,
      layers: ground.layers(look),
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
    setLook(next) {
      paintGround(next)
      void loaded.then(() => setLayers(map, ground.layers(next)))
    },
    close() {
      above.off('move', follow)
      map.remove()
    },
  }
}

import type { LayerSpecification } from 'maplibre-gl'
import { showsVnAqi } from '../kinds/kinds.ts'
import { label, type MapAppearance, mapFont } from './map-appearance.ts'
import { palettes } from './palette.ts'

/** zoom from which stations say in words how the air is, or why nobody knows */
const wordsFrom = 13

/** px that a station stands above its sensor, on which its mark is, if it has one */
const aboveSensor = 32

const visibilityOf = (layers: MapAppearance['layers']) => (showsVnAqi(layers) ? 'visible' : 'none')

/** Every air-quality station as a dot in the colour of its index: seen where the number has no room. */
export function stationDotLayer({ theme, layers, scale }: MapAppearance): LayerSpecification {
  const colours = palettes[theme]
  return {
    id: 'station-dot',
    type: 'circle',
    source: 'stations',
    layout: { visibility: visibilityOf(layers) },
    paint: {
      'circle-radius': 5 * scale,
      'circle-color': ['coalesce', ['get', 'colour'], colours.halo],
      'circle-stroke-color': colours.edge,
      'circle-stroke-width': scale,
      'circle-translate': [0, -aboveSensor * scale],
    },
  }
}

/**
 * Air-quality stations, each with its VN_AQI or a dash. Of those that would lie over one another the worst has its number, the others
 * are dots until one comes closer: a number that is half hidden could be read as another.
 */
export function stationLayers({ theme, layers, scale }: MapAppearance): LayerSpecification[] {
  const colours = palettes[theme]
  return [
    {
      id: 'station',
      type: 'symbol',
      source: 'stations',
      layout: {
        visibility: visibilityOf(layers),
        // the number is part of the image: as a text it would be drawn over the stations that hide it
        'icon-image': ['concat', 'aqi-', ['get', 'number'], `-${theme}`],
        'icon-size': scale,
        'icon-offset': [0, -aboveSensor],
        'icon-padding': 0,
        'symbol-sort-key': ['-', 0, ['get', 'rank']],
        'text-field': ['step', ['zoom'], '', wordsFrom, ['get', 'words']],
        'text-font': mapFont,
        'text-size': 11 * scale,
        'text-anchor': 'left',
        'text-offset': [1.8, -2.9],
        'text-optional': true,
      },
      paint: label(colours),
    },
  ]
}

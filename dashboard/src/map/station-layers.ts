import type { LayerSpecification } from 'maplibre-gl'
import { showsVnAqi } from '../kinds/kinds.ts'
import { label, type MapAppearance, mapFont } from './map-appearance.ts'
import { palettes } from './palette.ts'

/** zoom from which stations say in words how the air is, or why nobody knows */
const wordsFrom = 13

/** Air-quality stations, each with its VN_AQI or a dash. Where they lie over one another, the worst is on top; its words give way. */
export function stationLayers({ theme, layers, scale }: MapAppearance): LayerSpecification[] {
  const colours = palettes[theme]
  return [
    {
      id: 'station',
      type: 'symbol',
      source: 'stations',
      layout: {
        visibility: showsVnAqi(layers) ? 'visible' : 'none',
        // the number is part of the image: as a text it would be drawn over the stations that hide it
        'icon-image': ['concat', 'aqi-', ['get', 'number'], `-${theme}`],
        'icon-size': scale,
        // beside the sensor: on it stands its mark, if it has one
        'icon-offset': [0, -32],
        'icon-allow-overlap': true,
        'symbol-sort-key': ['get', 'rank'],
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

import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import { showsVnAqi } from '../kinds/kinds.ts'
import { type Look, mapFont } from './look.ts'
import { palettes } from './palette.ts'

/** zoom from which stations say in words how the air is */
const bandsFrom = 13

/** A text and how it is set, as in a `format` expression. */
type Formatted = [ExpressionSpecification, { 'text-color'?: ExpressionSpecification; 'font-scale'?: number }]

/** Air-quality stations with their VN_AQI. Where they would hide one another, the worst is drawn. */
export function stationLayers({ theme, language, layers }: Look): LayerSpecification[] {
  const colours = palettes[theme]
  const ink: ExpressionSpecification = ['case', ['>', ['get', 'index'], 200], '#fff', '#000']
  const number: Formatted = [['to-string', ['get', 'index']], { 'text-color': ink }]
  const bandName: Formatted = [['concat', '\n', ['get', `band_${language}`]], { 'font-scale': 0.85 }]
  return [
    {
      id: 'station',
      type: 'symbol',
      source: 'stations',
      layout: {
        visibility: showsVnAqi(layers) ? 'visible' : 'none',
        'icon-image': ['concat', 'aqi-', ['get', 'band'], `-${theme}`],
        'icon-padding': 0,
        'symbol-sort-key': ['-', 0, ['get', 'index']],
        'text-field': ['step', ['zoom'], ['format', ...number], bandsFrom, ['format', ...number, ...bandName]],
        'text-font': mapFont,
        'text-size': 13,
        'text-anchor': 'top',
        'text-offset': [0, -0.72],
        'text-line-height': 1.7,
        'text-padding': 0,
      },
      // no halo: it would lie over the official colour
      paint: { 'text-color': colours.text },
    },
  ]
}

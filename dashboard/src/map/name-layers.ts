import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import type { Language } from '#telemetry/language.ts'
import { isWaterway } from './ground-layers.ts'
import { type MapAppearance, mapFont } from './map-appearance.ts'
import { type Palette, palettes } from './palette.ts'

/** What names depend on. */
export type NameAppearance = Pick<MapAppearance, 'theme' | 'language' | 'scale'>

/** the name of a place or a waterway; one that has none in English keeps the one it has */
const nameIn = (language: Language): ExpressionSpecification =>
  language === 'vi' ? ['get', 'name'] : ['coalesce', ['get', 'name_en'], ['get', 'name']]

const isPlace: ExpressionSpecification = ['==', ['geometry-type'], 'Point']

/** Paint of names that stand back behind others. */
export const softPaint = ({ textSoft, halo }: Palette) => ({
  'text-color': textSoft,
  'text-halo-color': halo,
  'text-halo-width': 1.4,
})

/** What the sketch names, roads by their codes whatever the language: text drawn with the page's own web font. */
export function sketchNameLayers(appearance: NameAppearance): LayerSpecification[] {
  const { theme, language, scale } = appearance
  const colours = palettes[theme]
  const soft = softPaint(colours)
  return [
    {
      id: 'line-label',
      type: 'symbol',
      source: 'base',
      filter: ['!', isPlace],
      layout: {
        'symbol-placement': 'line',
        'text-field': ['case', isWaterway, nameIn(language), ['get', 'name']],
        'text-font': mapFont,
        'text-size': 11 * scale,
        'symbol-spacing': 260,
        // beside the line, for on it stand the sensors
        'text-offset': [0, -0.95],
      },
      paint: soft,
    },
    {
      id: 'place-label',
      type: 'symbol',
      source: 'base',
      // on a small screen the wards' names are enough
      minzoom: 10.7,
      filter: isPlace,
      layout: {
        'text-field': nameIn(language),
        'text-font': mapFont,
        'text-size': 12 * scale,
        'text-max-width': 9,
        'text-variable-anchor': ['top', 'bottom', 'left', 'right'],
        'text-radial-offset': 0.6,
      },
      paint: { ...soft, 'text-color': colours.text },
    },
    // placed first, so that no place takes a ward's room
    wardNameLayer(appearance),
  ]
}

/** The names of the wards. */
export function wardNameLayer({ theme, language, scale }: NameAppearance): LayerSpecification {
  return {
    id: 'ward-label',
    type: 'symbol',
    source: 'wards',
    layout: {
      'text-field': ['get', `name_${language}`],
      'text-font': mapFont,
      'text-size': 13 * scale,
      'text-variable-anchor': ['center', 'top', 'bottom'],
    },
    paint: softPaint(palettes[theme]),
  }
}

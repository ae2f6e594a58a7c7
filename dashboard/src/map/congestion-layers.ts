import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import { coloursRoads } from '../kinds/kinds.ts'
import type { MapAppearance } from './map-appearance.ts'
import { palettes } from './palette.ts'

/** Roads by congestion, under everything else: thin and grey where it flows, broken in the colour of a notice where it is slow, whole in that of a warning, which a lasting jam is, where it is jammed. */
export function congestionLayers({ theme, layers }: MapAppearance): LayerSpecification[] {
  const colours = palettes[theme]
  const visibility = coloursRoads(layers) ? 'visible' : 'none'
  const layout = { 'line-cap': 'butt', 'line-join': 'round', visibility } as const
  const congestion: ExpressionSpecification = ['coalesce', ['feature-state', 'congestion'], 'unknown']
  return [
    {
      id: 'piece',
      type: 'line',
      source: 'pieces',
      layout,
      paint: {
        'line-color': ['match', congestion, 'jammed', colours.warningLine, colours.outline],
        'line-width': ['match', congestion, 'jammed', 6, 'free', 1.2, 0],
      },
    },
    {
      id: 'piece-slow',
      type: 'line',
      source: 'pieces',
      layout,
      paint: {
        'line-color': colours.notice,
        'line-width': ['match', congestion, 'slow', 4, 0],
        'line-dasharray': [1.5, 0.7],
      },
    },
  ]
}

import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import type { Theme } from '../ui/colours.ts'
import { palettes } from './palette.ts'

const isRoad: ExpressionSpecification = ['==', ['get', 'kind'], 'road']
/** whether a line of the sketch is a waterway */
export const isWaterway: ExpressionSpecification = ['==', ['get', 'kind'], 'waterway']

/** The sketched ground, on a canvas of its own before the palette's colour of the ground. */
export function sketchLayers(theme: Theme): LayerSpecification[] {
  const colours = palettes[theme]
  const trunk: ExpressionSpecification = ['match', ['get', 'class'], 'trunk', 6, 'primary', 4.5, 3]
  return [
    districtFillLayer(theme),
    {
      id: 'waterway',
      type: 'line',
      source: 'base',
      filter: isWaterway,
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': colours.water, 'line-width': ['match', ['get', 'class'], 'river', 5, 3] },
    },
    {
      id: 'road-edge',
      type: 'line',
      source: 'base',
      filter: isRoad,
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': colours.roadEdge, 'line-width': ['+', trunk, 1.5] },
    },
    {
      id: 'road',
      type: 'line',
      source: 'base',
      filter: isRoad,
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': colours.road, 'line-width': trunk },
    },
    outlineLayer(theme),
  ]
}

/** The districts' land, under everything else of a ground. */
export function districtFillLayer(theme: Theme): LayerSpecification {
  return { id: 'district-fill', type: 'fill', source: 'districts', paint: { 'fill-color': palettes[theme].district } }
}

/** The districts' outlines, drawn over whatever base map there is. */
export function outlineLayer(theme: Theme): LayerSpecification {
  const paint = { 'line-color': palettes[theme].outline, 'line-width': 1.4, 'line-dasharray': [4, 2] }
  return { id: 'district-outline', type: 'line', source: 'districts', paint }
}

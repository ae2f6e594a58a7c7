import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import { fontFamily } from '../fonts.ts'
import type { Language } from '../i18n/messages.ts'
import type { Theme } from '../page.svelte.ts'
import { palettes } from './palette.ts'

/** Layers that show sensors and can be clicked. */
export const sensorLayers = ['sensor-fresh', 'sensor-stale', 'sensor-offline', 'abnormal'] as const

const regular = [fontFamily]
const iconSize: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], 10, 0.75, 13, 1.05, 16, 1.8]
const isRoad: ExpressionSpecification = ['==', ['get', 'kind'], 'road']

/** The schematic base map. Labels are text drawn with the page's own web font. */
export function baseLayers(theme: Theme, language: Language): LayerSpecification[] {
  const colours = palettes[theme]
  const label = { 'text-color': colours.text, 'text-halo-color': colours.halo, 'text-halo-width': 1.4 }
  const soft = { ...label, 'text-color': colours.textSoft }
  const trunk: ExpressionSpecification = ['match', ['get', 'class'], 'trunk', 6, 'primary', 4.5, 3]
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': colours.ground } },
    { id: 'district-fill', type: 'fill', source: 'districts', paint: { 'fill-color': colours.district } },
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
    {
      id: 'road-label',
      type: 'symbol',
      source: 'base',
      filter: isRoad,
      layout: {
        'symbol-placement': 'line',
        'text-field': ['get', 'name'],
        'text-font': regular,
        'text-size': 11,
        'symbol-spacing': 260,
        // beside the road, for on it stand the sensors
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
      filter: ['!', isRoad],
      layout: {
        'text-field': language === 'vi' ? ['get', 'name'] : ['coalesce', ['get', 'name_en'], ['get', 'name']],
        'text-font': regular,
        'text-size': 12,
        'text-max-width': 9,
        'text-variable-anchor': ['top', 'bottom', 'left', 'right'],
        'text-radial-offset': 0.6,
      },
      paint: label,
    },
    // placed first, so that no place takes a ward's room
    {
      id: 'ward-label',
      type: 'symbol',
      source: 'wards',
      layout: {
        'text-field': ['get', `name_${language}`],
        'text-font': regular,
        'text-size': 13,
        'text-variable-anchor': ['center', 'top', 'bottom'],
      },
      paint: soft,
    },
  ]
}

/** Outlines and sensors: drawn over whatever base map there is. Freshness and level come by feature-state. */
export function sensorLayerSpecs(theme: Theme): LayerSpecification[] {
  const colours = palettes[theme]
  const state: ExpressionSpecification = ['coalesce', ['feature-state', 'freshness'], 'waiting']
  const level: ExpressionSpecification = ['coalesce', ['feature-state', 'level'], 0]
  const look = (name: string, when: ExpressionSpecification): LayerSpecification => ({
    id: `sensor-${name}`,
    type: 'symbol',
    source: 'sensors',
    layout: {
      'icon-image': ['concat', `${name}-`, ['get', 'kind'], `-${theme}`],
      'icon-size': iconSize,
      'icon-allow-overlap': true,
      'icon-ignore-placement': true,
    },
    paint: { 'icon-opacity': ['case', when, 1, 0] },
  })
  return [
    {
      id: 'district-outline',
      type: 'line',
      source: 'districts',
      paint: { 'line-color': colours.outline, 'line-width': 1.4, 'line-dasharray': [4, 2] },
    },
    look('fresh', ['all', ['==', state, 'fresh'], ['==', level, 0]]),
    look('stale', ['any', ['==', state, 'stale'], ['==', state, 'waiting']]),
    look('offline', ['==', state, 'offline']),
    {
      id: 'abnormal',
      type: 'symbol',
      source: 'abnormal',
      layout: {
        'icon-image': ['concat', 'mark-', ['to-string', ['get', 'level']], `-${theme}`],
        'icon-size': ['interpolate', ['linear'], ['zoom'], 10, 0.7, 13, 1, 16, 1.3],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'symbol-sort-key': ['get', 'level'],
      },
    },
    {
      id: 'selected',
      type: 'circle',
      source: 'selected',
      paint: {
        'circle-radius': 15,
        'circle-color': 'rgba(0,0,0,0)',
        'circle-stroke-color': colours.selected,
        'circle-stroke-width': 3,
      },
    },
  ]
}

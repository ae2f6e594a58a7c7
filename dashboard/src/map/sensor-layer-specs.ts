import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import { kinds } from '#telemetry/kinds.ts'
import { shownKinds } from '../kinds/kinds.ts'
import { alwaysShown, iconSize, type MapAppearance } from './map-appearance.ts'
import { causeLayer, markLayers, markRoomLayer } from './mark-layers.ts'
import { palettes } from './palette.ts'
import { stationDotLayer, stationLayers } from './station-layers.ts'
import { deskMarkPx } from './visual-angle.ts'

/** Layers that show sensors and can be clicked. */
export const pickedLayers = ['sensor-dot', 'sensor-fresh', 'sensor-stale', 'offline', 'mark', 'mark-cluster'] as const

/** zoom from which each sensor has the shape of its kind: lamps 40 m apart part here, where that is 8.5 px */
const shapesFrom = 14

/** Sensors, drawn over whatever base map there is. Freshness, and whether it is filtered out, come by feature-state. */
export function sensorLayerSpecs(appearance: MapAppearance): LayerSpecification[] {
  const { theme, scale } = appearance
  const colours = palettes[theme]
  return [
    dotLayer(appearance),
    shapeLayer(appearance, 'fresh'),
    shapeLayer(appearance, 'stale'),
    {
      id: 'offline',
      type: 'symbol',
      source: 'offline',
      layout: {
        ...alwaysShown,
        'icon-image': ['concat', 'offline-', ['get', 'kind'], `-${theme}`],
        'icon-size': iconSize(scale),
      },
    },
    {
      id: 'manual',
      type: 'symbol',
      source: 'manual',
      layout: { ...alwaysShown, 'icon-image': `manual-${theme}`, 'icon-size': iconSize(0.8 * scale) },
    },
    stationDotLayer(appearance),
    causeLayer(appearance),
    ...stationLayers(appearance),
    markRoomLayer(appearance),
    ...markLayers(appearance),
    {
      id: 'selected',
      type: 'circle',
      source: 'selected',
      paint: {
        'circle-radius': 0.8 * deskMarkPx * scale,
        'circle-color': 'rgba(0,0,0,0)',
        'circle-stroke-color': colours.selected,
        'circle-stroke-width': 3,
      },
    },
  ]
}

/** `fresh`, `stale` (waiting too) or `hidden`; offline ones have a source of their own. */
const shownState: ExpressionSpecification = ['coalesce', ['feature-state', 'state'], ['get', 'state']]

/** How many times as large as others a sensor's dot is. */
const dotOfKind: ExpressionSpecification = [
  'match',
  ['get', 'kind'],
  ...kinds.flatMap((kind) => [kind, shownKinds[kind].dot]),
  1,
] as unknown as ExpressionSpecification // pairs of kind and size

/** Sensors from afar: dots, full when fresh and hollow when stale. Circles cost a sixth of what icons do where there is no graphics card. */
function dotLayer({ theme, scale }: MapAppearance): LayerSpecification {
  const colours = palettes[theme]
  const radius = (fresh: number): ExpressionSpecification => [
    'match',
    shownState,
    'fresh',
    ['*', scale * fresh, dotOfKind],
    'stale',
    scale * (fresh + 0.8),
    0,
  ]
  return {
    id: 'sensor-dot',
    type: 'circle',
    source: 'sensors',
    maxzoom: shapesFrom,
    paint: {
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 10, radius(1.8), shapesFrom, radius(3.4)],
      'circle-color': ['match', shownState, 'fresh', colours.sensor, colours.halo],
      'circle-stroke-color': colours.sensor,
      'circle-stroke-width': ['match', shownState, 'stale', 1.2, 0],
    },
  }
}

/** Sensors from near, each with the shape of its kind. */
function shapeLayer({ theme, scale }: MapAppearance, state: 'fresh' | 'stale'): LayerSpecification {
  return {
    id: `sensor-${state}`,
    type: 'symbol',
    source: 'sensors',
    minzoom: shapesFrom,
    layout: {
      ...alwaysShown,
      'icon-image': ['concat', `${state}-`, ['get', 'kind'], `-${theme}`],
      'icon-size': iconSize(scale),
    },
    paint: { 'icon-opacity': ['match', shownState, state, 1, 0] },
  }
}

import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { Language } from '#telemetry/language.ts'
import type { Messages } from '../i18n/vi.ts'
import { coloursRoads, kindCauses, shownKinds, showsVnAqi } from '../kinds/kinds.ts'
import type { Theme } from '../ui/colours.ts'
import { fontFamily } from '../ui/fonts.ts'
import { type Palette, palettes } from './palette.ts'

/** Layers that show sensors and can be clicked. */
export const pickedLayers = ['sensor-dot', 'sensor-fresh', 'sensor-stale', 'offline', 'mark', 'mark-cluster'] as const

/** px within which abnormal marks merge into one, and the last zoom at which they do */
export const clusters = { radius: 34, maxZoom: 15 } as const

/** zoom from which each sensor has the shape of its kind */
const shapesFrom = 14

/** zoom from which marks say in words what is wrong, and stations how the air is */
const causesFrom = 11
const bandsFrom = 13

const regular = [fontFamily]
const iconSize: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], 10, 0.75, 13, 1.05, 16, 1.8]
/** never hidden by another icon */
const always = { 'icon-allow-overlap': true, 'icon-ignore-placement': true }
const isRoad: ExpressionSpecification = ['==', ['get', 'kind'], 'road']
const isWaterway: ExpressionSpecification = ['==', ['get', 'kind'], 'waterway']
const isPlace: ExpressionSpecification = ['==', ['geometry-type'], 'Point']

/** The sketched ground, on a canvas of its own before the palette's colour of the ground. */
export function groundLayers(theme: Theme): LayerSpecification[] {
  const colours = palettes[theme]
  const trunk: ExpressionSpecification = ['match', ['get', 'class'], 'trunk', 6, 'primary', 4.5, 3]
  return [
    { id: 'district-fill', type: 'fill', source: 'districts', paint: { 'fill-color': colours.district } },
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

/** The districts' outlines, drawn over whatever base map there is. */
export function outlineLayer(theme: Theme): LayerSpecification {
  const paint = { 'line-color': palettes[theme].outline, 'line-width': 1.4, 'line-dasharray': [4, 2] }
  return { id: 'district-outline', type: 'line', source: 'districts', paint }
}

/** What the sketch names: text drawn with the page's own web font. */
export function nameLayers(theme: Theme, language: Language): LayerSpecification[] {
  const colours = palettes[theme]
  const label = { 'text-color': colours.text, 'text-halo-color': colours.halo, 'text-halo-width': 1.4 }
  const soft = { ...label, 'text-color': colours.textSoft }
  return [
    {
      id: 'line-label',
      type: 'symbol',
      source: 'base',
      filter: ['!', isPlace],
      layout: {
        'symbol-placement': 'line',
        'text-field': ['get', 'name'],
        'text-font': regular,
        'text-size': 11,
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

/** How the map is to look. */
export interface Look {
  theme: Theme
  language: Language
  texts: Messages['layers']
  /** kinds about which the map says more than where the sensors stand */
  layers: readonly Kind[]
}

/** Sensors, drawn over whatever base map there is. Freshness, and whether it is filtered out, come by feature-state. */
export function sensorLayerSpecs(look: Look): LayerSpecification[] {
  const { theme } = look
  const colours = palettes[theme]
  return [
    dotLayer(theme),
    shapeLayer(theme, 'fresh'),
    shapeLayer(theme, 'stale'),
    {
      id: 'offline',
      type: 'symbol',
      source: 'offline',
      layout: { ...always, 'icon-image': ['concat', 'offline-', ['get', 'kind'], `-${theme}`], 'icon-size': iconSize },
    },
    causeLayer(look),
    markRoomLayer(look),
    ...stationLayers(look),
    ...markLayers(look),
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

/** `fresh`, `stale` (waiting too) or `hidden`; offline ones have a source of their own. */
const sensorLook: ExpressionSpecification = ['coalesce', ['feature-state', 'look'], ['get', 'look']]

/** How many times as large as others a sensor's dot is. */
const dotOfKind: ExpressionSpecification = [
  'match',
  ['get', 'kind'],
  ...kinds.flatMap((kind) => [kind, shownKinds[kind].dot]),
  1,
] as unknown as ExpressionSpecification // pairs of kind and size

/** Sensors from afar: dots, full when fresh and hollow when stale. Circles cost a sixth of what icons do where there is no graphics card. */
function dotLayer(theme: Theme): LayerSpecification {
  const colours = palettes[theme]
  const radius = (fresh: number): ExpressionSpecification => [
    'match',
    sensorLook,
    'fresh',
    ['*', fresh, dotOfKind],
    'stale',
    fresh + 0.8,
    0,
  ]
  return {
    id: 'sensor-dot',
    type: 'circle',
    source: 'sensors',
    maxzoom: shapesFrom,
    paint: {
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 10, radius(1.8), shapesFrom, radius(3.4)],
      'circle-color': ['match', sensorLook, 'fresh', colours.sensor, colours.halo],
      'circle-stroke-color': colours.sensor,
      'circle-stroke-width': ['match', sensorLook, 'stale', 1.2, 0],
    },
  }
}

/** Sensors from near, each with the shape of its kind. */
function shapeLayer(theme: Theme, look: 'fresh' | 'stale'): LayerSpecification {
  return {
    id: `sensor-${look}`,
    type: 'symbol',
    source: 'sensors',
    minzoom: shapesFrom,
    layout: { ...always, 'icon-image': ['concat', `${look}-`, ['get', 'kind'], `-${theme}`], 'icon-size': iconSize },
    paint: { 'icon-opacity': ['match', sensorLook, look, 1, 0] },
  }
}

const isSingle: ExpressionSpecification = ['!', ['has', 'point_count']]

/** Words for what is wrong, beside the mark where there is room: under all marks, for within a layer texts are drawn over icons. */
function causeLayer(look: Look): LayerSpecification {
  const { theme, layers } = look
  return {
    id: 'mark-cause',
    type: 'symbol',
    source: 'marks',
    minzoom: causesFrom,
    filter: isSingle,
    layout: {
      'text-field': [
        'case',
        // a wrong clock is told whatever the layers are about
        ['!=', ['coalesce', ['get', 'words'], ''], ''],
        ['get', 'words'],
        ['in', ['get', 'kind'], ['literal', [...layers]]],
        causeName(look),
        '',
      ],
      'text-font': regular,
      'text-size': 11,
      'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
      'text-radial-offset': ['interpolate', ['linear'], ['zoom'], causesFrom, 1.2, 16, 1.6],
      'text-justify': 'auto',
      'symbol-sort-key': ['-', 0, ['get', 'level']],
    },
    paint: label(palettes[theme]),
  }
}

/**
 * Not seen: keeps words off the marks, and is smaller than they, so that their own words have room. The marks themselves take
 * none, for then a station under its mark would go.
 */
function markRoomLayer({ theme }: Look): LayerSpecification {
  return {
    id: 'mark-room',
    type: 'symbol',
    source: 'marks',
    minzoom: causesFrom,
    layout: {
      'icon-image': `mark-1-${theme}`,
      'icon-size': ['interpolate', ['linear'], ['zoom'], 10, 0.6, 13, 0.8, 16, 1],
      'icon-padding': 0,
      'icon-allow-overlap': true,
    },
    paint: { 'icon-opacity': 0 },
  }
}

/** Abnormal sensors, over the normal ones. Those that would hide one another are one mark: the worst, with its number. */
function markLayers({ theme }: Look): LayerSpecification[] {
  const colours = palettes[theme]
  const size: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], 10, 0.7, 13, 1, 16, 1.3]
  const worstOnTop: ExpressionSpecification = ['get', 'level']
  const shown = { ...always, 'symbol-sort-key': worstOnTop }
  return [
    {
      id: 'mark',
      type: 'symbol',
      source: 'marks',
      filter: isSingle,
      layout: {
        ...shown,
        'icon-image': ['concat', 'mark-', ['get', 'icon'], `-${theme}`],
        'icon-size': size,
      },
    },
    {
      id: 'mark-cluster',
      type: 'symbol',
      source: 'marks',
      filter: ['has', 'point_count'],
      layout: {
        ...shown,
        'icon-image': ['case', ['>', ['get', 'critical'], 0], `mark-2-${theme}`, `mark-1-${theme}`],
        'text-field': ['to-string', ['case', ['>', ['get', 'critical'], 0], ['get', 'critical'], ['get', 'warning']]],
        'text-font': regular,
        'text-size': 12,
        'text-anchor': 'left',
        'text-offset': [0.9, 0.1],
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: label(colours),
    },
  ]
}

function causeName({ language, texts }: Look): ExpressionSpecification {
  const pairs = Object.entries(kindCauses).flatMap(([cause, words]) => [cause, words[language]])
  return ['match', ['get', 'cause'], 'clock', texts.clock, ...pairs, ''] as unknown as ExpressionSpecification // pairs of cause and name
}

const label = (colours: Palette) => ({
  'text-color': colours.text,
  'text-halo-color': colours.halo,
  'text-halo-width': 1.6,
})

/** Roads by congestion, under everything else: thin and grey where it flows, amber and broken where it is slow, red and whole where it is jammed. */
export function roadLayers({ theme, layers }: Look): LayerSpecification[] {
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
        'line-color': ['match', congestion, 'jammed', colours.critical, colours.outline],
        'line-width': ['match', congestion, 'jammed', 6, 'free', 1.2, 0],
      },
    },
    {
      id: 'piece-slow',
      type: 'line',
      source: 'pieces',
      layout,
      paint: {
        'line-color': colours.warning,
        'line-width': ['match', congestion, 'slow', 4, 0],
        'line-dasharray': [1.5, 0.7],
      },
    },
  ]
}

/** A text and how it is set, as in a `format` expression. */
type Formatted = [ExpressionSpecification, { 'text-color'?: ExpressionSpecification; 'font-scale'?: number }]

/** Air-quality stations with their VN_AQI. Where they would hide one another, the worst is drawn. */
function stationLayers({ theme, language, layers }: Look): LayerSpecification[] {
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
        'text-font': regular,
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

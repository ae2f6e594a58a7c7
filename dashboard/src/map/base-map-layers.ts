import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import type { Theme } from '../ui/colours.ts'
import { mapFont } from './map-appearance.ts'
import { type NameAppearance, softPaint } from './name-layers.ts'
import { type Palette, palettes } from './palette.ts'

const source = 'base-map'
/** zoom from which buildings and names of roads are drawn */
const buildingsFrom = 14
const roadNamesFrom = 12.5

const kindIn = (...kinds: readonly string[]): ExpressionSpecification => [
  'in',
  ['get', 'kind'],
  ['literal', [...kinds]],
]
const isArea: ExpressionSpecification = ['in', ['geometry-type'], ['literal', ['Polygon', 'MultiPolygon']]]
const isPoint: ExpressionSpecification = ['in', ['geometry-type'], ['literal', ['Point', 'MultiPoint']]]
const isLine: ExpressionSpecification = ['in', ['geometry-type'], ['literal', ['LineString', 'MultiLineString']]]
const isRoad = kindIn('highway', 'major_road', 'minor_road', 'path')
const green = kindIn(
  ...['park', 'forest', 'wood', 'grass', 'meadow', 'nature_reserve', 'protected_area', 'national_park', 'cemetery'],
  ...['recreation_ground', 'golf_course', 'orchard', 'farmland', 'wetland', 'scrub'],
)

/** The name in Vietnamese, else the one that stands there. */
const name: ExpressionSpecification = ['coalesce', ['get', 'name:vi'], ['get', 'name']]
const hasName: ExpressionSpecification = ['any', ['has', 'name:vi'], ['has', 'name']]

/** px of a road of each kind, and so many more. */
function roadWidth(more: number): ExpressionSpecification {
  const of = (highway: number, major: number, minor: number, path: number): ExpressionSpecification => [
    'match',
    ['get', 'kind'],
    'highway',
    highway + more,
    'major_road',
    major + more,
    'minor_road',
    minor === 0 ? 0 : minor + more,
    path,
  ]
  return [
    ...['interpolate', ['exponential', 1.5], ['zoom']],
    ...[8, of(1.4, 0.8, 0, 0), 11, of(2.6, 1.6, 0, 0), 13, of(4, 3, 1.2, 0)],
    ...[16, of(11, 9, 6, 1.5), 19, of(26, 22, 16, 4)],
  ] as unknown as ExpressionSpecification // stops of zoom and width
}

const above = (kind: 'highway' | 'major_road' | 'minor_road'): ExpressionSpecification =>
  ['match', ['get', 'kind'], kind, 1, 0] as ExpressionSpecification

/** Greater for the roads that lie, and are named, over others. */
const roadRank: ExpressionSpecification = [
  '+',
  ['*', 3, above('highway')],
  ['*', 2, above('major_road')],
  above('minor_road'),
]

function areaLayers(colours: Palette): LayerSpecification[] {
  const fill = (layer: string, colour: string, filter: ExpressionSpecification, minzoom = 0): LayerSpecification => ({
    ...{ id: `base-${layer}`, type: 'fill', source, 'source-layer': layer, minzoom },
    ...{ filter, paint: { 'fill-color': colour } },
  })
  return [
    fill('landuse', colours.green, ['all', isArea, green]),
    fill('water', colours.water, isArea),
    {
      id: 'base-waterway',
      type: 'line',
      source,
      'source-layer': 'water',
      filter: isLine,
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: {
        'line-color': colours.water,
        'line-width': ['interpolate', ['exponential', 1.4], ['zoom'], 9, 0.8, 13, 2, 17, 7],
      },
    },
    fill('buildings', colours.building, isArea, buildingsFrom),
  ]
}

function streetLayers(colours: Palette): LayerSpecification[] {
  const street = (id: string, colour: string, more: number, minzoom: number): LayerSpecification => ({
    ...{ id, type: 'line', source, 'source-layer': 'roads', minzoom, filter: isRoad },
    layout: { 'line-cap': 'round', 'line-join': 'round', 'line-sort-key': roadRank },
    paint: { 'line-color': colour, 'line-width': roadWidth(more) },
  })
  return [
    street('base-road-edge', colours.roadEdge, 1.5, 11),
    street('base-road', colours.road, 0, 0),
    {
      id: 'base-rail',
      type: 'line',
      source,
      'source-layer': 'roads',
      minzoom: 11,
      filter: kindIn('rail'),
      paint: { 'line-color': colours.roadEdge, 'line-width': 2, 'line-dasharray': [3, 2] },
    },
  ]
}

/** Areas, water, buildings and streets of a base map in Protomaps' schema (version 4), in the greys of the theme. */
export function baseMapLayers(theme: Theme): LayerSpecification[] {
  const colours = palettes[theme]
  return [...areaLayers(colours), ...streetLayers(colours)]
}

/** Its names, in Vietnamese where there is one: text drawn with the page's own web font. */
export function baseMapNameLayers({ theme, scale }: NameAppearance): LayerSpecification[] {
  const colours = palettes[theme]
  const along = {
    'symbol-placement': 'line',
    'text-field': name,
    'text-font': mapFont,
    'text-size': 11 * scale,
  } as const
  return [
    {
      id: 'base-road-name',
      type: 'symbol',
      source,
      'source-layer': 'roads',
      minzoom: roadNamesFrom,
      filter: ['all', hasName, isRoad],
      layout: { ...along, 'symbol-spacing': 300, 'symbol-sort-key': ['-', 0, roadRank] },
      paint: softPaint(colours),
    },
    {
      id: 'base-river-name',
      type: 'symbol',
      source,
      'source-layer': 'water',
      minzoom: 11,
      filter: ['all', hasName, isLine],
      layout: { ...along, 'symbol-spacing': 400 },
      paint: softPaint(colours),
    },
    {
      id: 'base-water-name',
      type: 'symbol',
      source,
      'source-layer': 'water',
      minzoom: 11,
      filter: ['all', hasName, isPoint],
      layout: { 'text-field': name, 'text-font': mapFont, 'text-size': 11 * scale, 'text-max-width': 8 },
      paint: softPaint(colours),
    },
    {
      id: 'base-place-name',
      type: 'symbol',
      source,
      'source-layer': 'places',
      filter: ['all', hasName, kindIn('locality', 'macrohood', 'neighbourhood')],
      layout: {
        'text-field': name,
        'text-font': mapFont,
        'text-size': ['match', ['get', 'kind'], 'locality', 12.5 * scale, 11 * scale],
        'text-max-width': 8,
        'symbol-sort-key': ['-', 0, ['coalesce', ['get', 'population_rank'], 0]],
      },
      paint: { ...softPaint(colours), 'text-color': colours.text },
    },
  ]
}

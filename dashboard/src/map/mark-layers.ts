import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import { kindCauses } from '../kinds/kinds.ts'
import { markSide } from './icons.ts'
import { alwaysShown, label, type MapAppearance, mapFont } from './map-appearance.ts'
import { palettes } from './palette.ts'
import { deskMarkPx } from './visual-angle.ts'

/** Times the size of its image that a mark has, at every zoom: as large as it must be to be seen. */
const markSize = (scale: number) => (deskMarkPx * scale) / markSide

/** zoom from which marks say in words what is wrong */
const causesFrom = 11

const isSingle: ExpressionSpecification = ['!', ['has', 'point_count']]

/** Words for what is wrong, beside the mark where there is room: under all marks, for within a layer texts are drawn over icons. */
export function causeLayer(appearance: MapAppearance): LayerSpecification {
  const { theme, layers, scale } = appearance
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
        ['concat', causeName(appearance), ['coalesce', ['get', 'commanded'], '']],
        '',
      ],
      'text-font': mapFont,
      'text-size': 11 * scale,
      'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
      'text-radial-offset': 1.5,
      'text-justify': 'auto',
      'symbol-sort-key': ['get', 'rank'],
    },
    paint: label(palettes[theme]),
  }
}

/**
 * Not seen: keeps words and the numbers of stations off the marks. It is smaller than they, so that their own words have room, and so
 * that a station whose sensor has a mark stays above it.
 */
export function markRoomLayer({ theme, scale }: MapAppearance): LayerSpecification {
  return {
    id: 'mark-room',
    type: 'symbol',
    source: 'marks',
    layout: {
      'icon-image': `mark-1-${theme}`,
      'icon-size': 0.8 * markSize(scale),
      'icon-padding': 0,
      'icon-allow-overlap': true,
    },
    paint: { 'icon-opacity': 0 },
  }
}

/** Abnormal sensors, over the normal ones. Those that would hide one another are one mark: the worst, with its number. */
export function markLayers({ theme, scale }: MapAppearance): LayerSpecification[] {
  const colours = palettes[theme]
  const worstOnTop: ExpressionSpecification = ['-', 0, ['get', 'rank']]
  const shown = { ...alwaysShown, 'symbol-sort-key': worstOnTop }
  return [
    {
      id: 'mark',
      type: 'symbol',
      source: 'marks',
      filter: isSingle,
      layout: {
        ...shown,
        'icon-image': ['concat', 'mark-', ['get', 'icon'], `-${theme}`],
        'icon-size': markSize(scale),
      },
    },
    {
      id: 'mark-cluster',
      type: 'symbol',
      source: 'marks',
      filter: ['has', 'point_count'],
      layout: {
        ...shown,
        'icon-image': ['concat', 'mark-', ['to-string', ['get', 'rank']], `-${theme}`],
        'icon-size': markSize(scale),
        'text-field': ['to-string', ['get', ['concat', 'of', ['to-string', ['get', 'rank']]]]],
        'text-font': mapFont,
        'text-size': 12 * scale,
        'text-anchor': 'left',
        // beside the widest of the marks, the diamond
        'text-offset': [1.7, 0.1],
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: label(colours),
    },
  ]
}

function causeName({ language, texts }: MapAppearance): ExpressionSpecification {
  const pairs = Object.entries(kindCauses).flatMap(([cause, words]) => [cause, words[language]])
  return ['match', ['get', 'cause'], 'clock', texts.clock, ...pairs, ''] as unknown as ExpressionSpecification // pairs of cause and name
}

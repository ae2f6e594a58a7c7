import type { ExpressionSpecification } from 'maplibre-gl'
import type { Kind } from '#telemetry/kinds.ts'
import type { Language } from '#telemetry/language.ts'
import type { Messages } from '../i18n/vi.ts'
import type { Theme } from '../ui/colours.ts'
import { fontFamily } from '../ui/fonts.ts'
import type { Palette } from './palette.ts'

/** Theme, language, layers and scale in which the map is drawn. */
export interface MapAppearance {
  theme: Theme
  language: Language
  texts: Messages['layers']
  /** kinds about which the map says more than where the sensors stand */
  layers: readonly Kind[]
  /** how many times as large as at a desk marks and words are */
  scale: number
}

/** Whether nothing would be drawn in another way. */
export function isSameAppearance(a: MapAppearance, b: MapAppearance): boolean {
  const layers = a.layers.join() === b.layers.join()
  return layers && a.theme === b.theme && a.language === b.language && a.texts === b.texts && a.scale === b.scale
}

/** The font of all text on the map: a web font of the page, for there is no server of glyphs. */
export const mapFont = [fontFamily]

/** Never hidden by another icon. */
export const alwaysShown = { 'icon-allow-overlap': true, 'icon-ignore-placement': true } as const

/** Size of a sensor's icon by zoom. */
export const iconSize = (scale: number): ExpressionSpecification =>
  [
    ...['interpolate', ['linear'], ['zoom']],
    ...[10, 0.75 * scale, 14, scale, 16, 1.8 * scale],
  ] as unknown as ExpressionSpecification // stops of zoom and size

/** Paint of words that stand on the map. */
export const label = (colours: Palette) => ({
  'text-color': colours.text,
  'text-halo-color': colours.halo,
  'text-halo-width': 1.6,
})

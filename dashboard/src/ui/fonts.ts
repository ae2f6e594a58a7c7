import latinRegular from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-400-normal.woff2?latin'
import latinBold from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-600-normal.woff2?latin'
import vietnameseRegular from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-vietnamese-400-normal.woff2?vietnamese'
import vietnameseBold from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-vietnamese-600-normal.woff2?vietnamese'
import { fontRanges } from './font-ranges.ts'

/** The page's font, on the map too. */
export const fontFamily = 'Be Vietnam Pro'

/**
 * Makes the page's font known; the browser loads a part of it when a text needs it. Only what Vietnamese and English
 * need: the package's own style sheet would load a third alphabet for the same letters.
 */
export function installFonts(): void {
  const faces = [
    { url: latinRegular, weight: '400', unicodeRange: fontRanges.latin },
    { url: latinBold, weight: '600', unicodeRange: fontRanges.latin },
    { url: vietnameseRegular, weight: '400', unicodeRange: fontRanges.vietnamese },
    { url: vietnameseBold, weight: '600', unicodeRange: fontRanges.vietnamese },
  ]
  for (const { url, weight, unicodeRange } of faces)
    document.fonts.add(
      new FontFace(fontFamily, `url(${url}) format("woff2")`, { weight, unicodeRange, display: 'swap' }),
    )
}

/** Resolves when the map's labels can be drawn with the page's font. */
export async function mapFontLoaded(): Promise<void> {
  await Promise.all(['Sông', 'Ưởng ặ'].map((text) => document.fonts.load(`400 13px "${fontFamily}"`, text)))
}

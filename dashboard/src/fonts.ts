import latinRegular from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-400-normal.woff2?url'
import latinBold from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-600-normal.woff2?url'
import vietnameseRegular from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-vietnamese-400-normal.woff2?url'
import vietnameseBold from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-vietnamese-600-normal.woff2?url'

/** The page's font, on the map too. */
export const fontFamily = 'Be Vietnam Pro'

const latin = 'U+0000-00FF, U+2000-206F, U+20AC, U+2190-2193, U+2212, U+2264-2265'
const vietnamese =
  'U+0102-0103, U+0110-0111, U+0128-0129, U+0168-0169, U+01A0-01A1, U+01AF-01B0, U+0300-0309, U+0323, U+1EA0-1EF9, U+20AB'

/**
 * Makes the page's font known; the browser loads a part of it when a text needs it. Only what Vietnamese and English
 * need: the package's own style sheet would load a third alphabet for the same letters.
 */
export function installFonts(): void {
  const faces = [
    { url: latinRegular, weight: '400', unicodeRange: latin },
    { url: latinBold, weight: '600', unicodeRange: latin },
    { url: vietnameseRegular, weight: '400', unicodeRange: vietnamese },
    { url: vietnameseBold, weight: '600', unicodeRange: vietnamese },
  ]
  for (const { url, weight, unicodeRange } of faces)
    document.fonts.add(
      new FontFace(fontFamily, `url(${url}) format("woff2")`, { weight, unicodeRange, display: 'swap' }),
    )
}

/** Resolves when the map's labels can be drawn with the page's font. */
export async function mapFontLoaded(): Promise<void> {
  await Promise.all(['Tây Ninh', 'Ưởng ặ'].map((text) => document.fonts.load(`400 13px "${fontFamily}"`, text)))
}

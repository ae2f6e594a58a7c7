/** Letters and signs that Vietnamese and English texts are written with, as a style sheet's `unicode-range`: what stands in one part of the font, and in the other. */
export const fontRanges = {
  latin:
    'U+0020-007E, U+00A0, U+00A7, U+00A9, U+00AB, U+00B0-00B3, U+00B5, U+00B7, U+00BB, U+00C0-00C3, U+00C8-00CA, U+00CC-00CD, U+00D2-00D5, U+00D7, U+00D9-00DA, U+00DD, U+00E0-00E3, U+00E8-00EA, U+00EC-00ED, U+00F2-00F5, U+00F7, U+00F9-00FA, U+00FD, U+2010-2014, U+2018-2019, U+201C-201D, U+2022, U+2026, U+2030, U+2082-2083, U+2190-2193, U+2212, U+2264-2265',
  vietnamese:
    'U+0102-0103, U+0110-0111, U+0128-0129, U+0168-0169, U+01A0-01A1, U+01AF-01B0, U+0300-0309, U+0323, U+1EA0-1EF9, U+20AB',
} as const

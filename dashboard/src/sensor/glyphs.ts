import type { Finding } from '#telemetry/severity.ts'
import { kindGlyphs } from '../kinds/kinds.ts'
import type { Glyph } from '../kinds/shown-kind.ts'

/** What is wrong with a sensor, small, inside its mark. Map and legend draw the same. */
export const glyphs: Readonly<Partial<Record<Finding['cause'], Glyph>>> = {
  ...kindGlyphs,
  // the hands of a clock
  clock: { filled: '', drawn: 'M0-2A4 4 0 1 1-.01-2ZM0 0V2L1.8 3' },
}

import type { Cause } from './sensor-level.ts'

/** Paths (SVG) inside a triangle whose middle is 0, 0 and whose corners are 11 away from 0, 2. */
export interface Glyph {
  filled: string
  drawn: string
}

/** What is wrong with a lamp or a clock, small: a dark disc, a sun, power up or down, an exclamation mark, a clock. Map and legend draw the same. */
export const glyphs: Readonly<Partial<Record<Cause, Glyph>>> = {
  lampFailure: { filled: 'M0-1A3.2 3.2 0 1 1-.01-1Z', drawn: '' },
  lampUnexpectedOn: {
    filled: '',
    drawn: 'M0 .3A1.9 1.9 0 1 1-.01 .3ZM0-2.4V-1M0 5.4V6.6M-4.4 4.2L-3.2 3.4M4.4 4.2L3.2 3.4',
  },
  lampPowerTooHigh: { filled: '', drawn: 'M0 6V-2M-2.6 .6L0-2L2.6 .6' },
  lampPowerTooLow: { filled: '', drawn: 'M0-2.4V5.6M-2.6 3L0 5.6L2.6 3' },
  // the hands of a clock
  clock: { filled: '', drawn: 'M0-2A4 4 0 1 1-.01-2ZM0 0V2L1.8 3' },
  fault: { filled: '', drawn: 'M0-3V2.6M0 4.8V6.2' },
}

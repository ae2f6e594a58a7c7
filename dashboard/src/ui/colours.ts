/** How the page looks. */
export type Theme = 'light' | 'dark'

/**
 * The colours of the page, its style sheets' custom properties and its map alike. Greys for all that is normal; colour, always
 * with a shape, for what is not (ISA-101). `warningLine` is that of a warning where it is drawn as a line without an edge.
 */
export const colours = {
  light: {
    ground: '#cdd1d5',
    surface: '#e4e7e9',
    raised: '#f1f3f4',
    ink: '#1d2126',
    inkSoft: '#49525a',
    line: '#b3b9bf',
    accent: '#0b57d0',
    warning: '#e69500',
    warningLine: '#995c00',
    critical: '#c8102e',
    notice: '#1b7f8c',
    edge: '#1d2126',
    banner: '#b50d28',
    replay: '#5f2c91',
  },
  dark: {
    ground: '#16181b',
    surface: '#212529',
    raised: '#2d3237',
    ink: '#e4e7ea',
    inkSoft: '#a9b0b8',
    line: '#454c54',
    accent: '#8ab4f8',
    warning: '#ffb020',
    warningLine: '#ffb020',
    critical: '#ff4d5e',
    notice: '#54bccb',
    edge: '#0c0e10',
    banner: '#a40d24',
    replay: '#b48be8',
  },
} as const satisfies Readonly<Record<Theme, Readonly<Record<string, string>>>>

import { colours, type Theme } from '../ui/colours.ts'

/** Colours of the map in one theme. Greys only, of which water's is bluish: colour is kept for what is abnormal (ISA-101). */
export interface Palette {
  ground: string
  district: string
  outline: string
  road: string
  roadEdge: string
  water: string
  building: string
  /** parks, forests, fields */
  green: string
  text: string
  textSoft: string
  halo: string
  sensor: string
  warning: string
  /** of a warning that is drawn as a line */
  warningLine: string
  critical: string
  notice: string
  edge: string
  selected: string
}

/** What the map has in the page's own colours. */
function onMap(theme: Theme) {
  const { warning, warningLine, critical, notice, edge, accent } = colours[theme]
  return { warning, warningLine, critical, notice, edge, selected: accent }
}

/** The palette of each theme. */
export const palettes: Readonly<Record<Theme, Palette>> = {
  light: {
    ground: colours.light.ground,
    district: '#dfe2e5',
    outline: '#7d848b',
    road: '#f7f8f9',
    roadEdge: '#bcc2c8',
    water: '#aebdca',
    building: '#cdd2d7',
    green: '#d6dad9',
    text: '#2d3238',
    textSoft: '#5f676f',
    halo: '#e7e9eb',
    sensor: '#596572',
    ...onMap('light'),
  },
  dark: {
    ground: '#1b1e21',
    district: '#282c30',
    outline: '#727a82',
    road: '#454b52',
    roadEdge: '#1b1e21',
    water: '#3a4855',
    building: '#363b41',
    green: '#2c3131',
    text: '#d5d9dd',
    textSoft: '#9aa2aa',
    halo: '#202428',
    sensor: '#a3acb5',
    ...onMap('dark'),
  },
}

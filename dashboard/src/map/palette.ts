import type { Theme } from '../ui/theme.svelte.ts'

/** Colours of the map in one theme. Greys only, of which water's is bluish: colour is kept for what is abnormal (ISA-101). */
export interface Palette {
  ground: string
  district: string
  outline: string
  road: string
  roadEdge: string
  water: string
  text: string
  textSoft: string
  halo: string
  sensor: string
  warning: string
  critical: string
  edge: string
  selected: string
}

/** The palette of each theme. */
export const palettes: Readonly<Record<Theme, Palette>> = {
  light: {
    ground: '#cdd1d5',
    district: '#dfe2e5',
    outline: '#7d848b',
    road: '#f7f8f9',
    roadEdge: '#bcc2c8',
    water: '#aebdca',
    text: '#2d3238',
    textSoft: '#636b73',
    halo: '#e7e9eb',
    sensor: '#596572',
    warning: '#e69500',
    critical: '#c8102e',
    edge: '#1d2126',
    selected: '#0b57d0',
  },
  dark: {
    ground: '#1b1e21',
    district: '#282c30',
    outline: '#727a82',
    road: '#454b52',
    roadEdge: '#1b1e21',
    water: '#3a4855',
    text: '#d5d9dd',
    textSoft: '#9aa2aa',
    halo: '#202428',
    sensor: '#a3acb5',
    warning: '#ffb020',
    critical: '#ff4d5e',
    edge: '#0c0e10',
    selected: '#8ab4f8',
  },
}

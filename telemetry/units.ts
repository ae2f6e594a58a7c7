import type { Language, Words } from './language.ts'

/**
 * Units as they are shown, the same in every language, with their code in UCUM (ucum.org), which programs can convert.
 * Empty is a plain number: a share of 1, an index, a count of readings.
 */
export const unitCodes = {
  '': '1',
  '%': '%',
  vehicles: '{vehicle}',
  'vehicles/h': '{vehicle}/h',
  'km/h': 'km/h',
  s: 's',
  h: 'h',
  m: 'm',
  mm: 'mm',
  'm³/s': 'm3/s',
  W: 'W',
  V: 'V',
  kWh: 'kW.h',
  'µg/m³': 'ug/m3',
  '°C': 'Cel',
  // UCUM knows no A-weighting: what is in braces is a note
  'dB(A)': 'dB[SPL]{A}',
} as const

/** A unit as it is shown. */
export type Unit = keyof typeof unitCodes

/** Units that are words, in the languages of the platform. */
const unitWords: Readonly<Record<string, Words>> = {
  vehicles: { vi: 'xe', en: 'veh.' },
  'vehicles/h': { vi: 'xe/giờ', en: 'veh./h' },
}

/** A unit as people read it; one that is not known as it is. */
export function unitText(unit: string, language: Language): string {
  return unitWords[unit]?.[language] ?? unit
}

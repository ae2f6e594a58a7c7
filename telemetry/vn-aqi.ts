import { bandWords } from './glossary/vn-aqi-band.ts'
import type { Words } from './language.ts'

/**
 * VN_AQI, the air-quality index of Viet Nam: Decision 1459/QĐ-TCMT of 12 November 2019. Concentrations in µg/m³.
 */

/** Parameters of the index, in the order they are shown. */
export const pollutants = ['pm25', 'pm10', 'o3', 'no2', 'so2', 'co'] as const
export type Pollutant = (typeof pollutants)[number]

/** Columns of the table of breakpoints: ozone has one for means of 1 h and one for means of 8 h. */
export type AqiColumn = Pollutant | 'o3Over8h'

/** Index at each breakpoint. */
const indices = [0, 50, 100, 150, 200, 300, 400, 500] as const

/** Concentration at each breakpoint; the 8 h column of ozone ends at 400 µg/m³. */
const breakpoints: Readonly<Record<AqiColumn, readonly number[]>> = {
  pm25: [0, 25, 50, 80, 150, 250, 350, 500],
  pm10: [0, 50, 150, 250, 350, 420, 500, 600],
  o3: [0, 160, 200, 300, 400, 800, 1_000, 1_200],
  o3Over8h: [0, 100, 120, 170, 210, 400],
  no2: [0, 100, 200, 700, 1_200, 2_350, 3_100, 3_850],
  so2: [0, 125, 350, 550, 800, 1_600, 2_100, 2_630],
  co: [0, 10_000, 30_000, 45_000, 60_000, 90_000, 120_000, 150_000],
}

/** A band of the index with its names and its official colour. */
export interface AqiBand extends Words {
  id: keyof typeof bandWords
  /** largest index of the band */
  upTo: number
  /** red, green, blue, 0–255 */
  rgb: readonly [number, number, number]
}

const hazardous: AqiBand = { id: 'hazardous', upTo: 500, ...bandWords.hazardous, rgb: [126, 0, 35] }

/** The bands, from the best to the worst. */
export const aqiBands: readonly AqiBand[] = [
  { id: 'good', upTo: 50, ...bandWords.good, rgb: [0, 228, 0] },
  { id: 'moderate', upTo: 100, ...bandWords.moderate, rgb: [255, 255, 0] },
  { id: 'sensitive', upTo: 150, ...bandWords.sensitive, rgb: [255, 126, 0] },
  { id: 'unhealthy', upTo: 200, ...bandWords.unhealthy, rgb: [255, 0, 0] },
  { id: 'very-unhealthy', upTo: 300, ...bandWords['very-unhealthy'], rgb: [143, 63, 151] },
  hazardous,
]

/** The band of a whole number of the index. */
export function aqiBand(index: number): AqiBand {
  return aqiBands.find(({ upTo }) => index <= upTo) ?? hazardous
}

/**
 * Index of one parameter, linear between the breakpoints and not rounded. 500 beyond the last breakpoint; undefined beyond
 * the end of ozone's 8 h column, which is not used there.
 */
export function subIndex(column: AqiColumn, concentration: number): number | undefined {
  const steps = breakpoints[column]
  const at = steps.findIndex((step) => concentration <= step)
  if (at < 0) return steps.length === indices.length ? 500 : undefined
  const [from = 0, to = 0] = [steps[at - 1], steps[at]]
  const [low = 0, high = 0] = [indices[at - 1], indices[at]]
  return at === 0 ? 0 : low + ((high - low) / (to - from)) * (concentration - from)
}

/** The index of a place with what it is made of. */
export interface VnAqi {
  /** whole number, 0–500: the largest sub-index */
  index: number
  /** the parameter that gave it */
  worst: Pollutant
  /** whole numbers, of every parameter that has one */
  subIndices: Partial<Record<Pollutant, number>>
}

/** The largest of the sub-indices, each rounded; undefined without PM10 or PM2.5, which the decision asks for. */
export function vnAqiOf(exact: Partial<Record<Pollutant, number | undefined>>): VnAqi | undefined {
  if (exact.pm25 === undefined && exact.pm10 === undefined) return undefined
  const subIndices: VnAqi['subIndices'] = {}
  let worst: Pollutant | undefined
  let index = -1
  for (const pollutant of pollutants) {
    const value = exact[pollutant]
    if (value === undefined) continue
    const rounded = Math.round(value)
    subIndices[pollutant] = rounded
    if (rounded <= index) continue
    index = rounded
    worst = pollutant
  }
  return worst === undefined ? undefined : { index, worst, subIndices }
}

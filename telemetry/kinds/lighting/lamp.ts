import { getPosition } from 'suncalc'
import type { Position } from '../../position.ts'

/** What of a lamp's values is judged. */
export interface LampValues {
  activePower?: number | undefined
  powerState?: string | undefined
  illuminanceLevel?: number | undefined
}

/** What of a lamp's meta it is judged by. */
export interface LampMeta {
  position: Position
  nominalPower?: number | undefined
}

/**
 * What is wrong with a lamp by what it measures, whatever it says of itself. Names of TALQ 2.7 (LampMonitor): dark at night
 * (`lampFailure`), burning by day (`lampUnexpectedOn`), power far from nominal power × dimming level.
 */
export const lampFindings = ['lampFailure', 'lampUnexpectedOn', 'lampPowerTooHigh', 'lampPowerTooLow'] as const
export type LampFinding = (typeof lampFindings)[number]

/**
 * Altitude of the sun, degrees, below which every lamp should burn (the end of civil twilight) and above which none should.
 * In the twilight between a lamp may do either: switches differ. Own choice; the guides leave it to the installation.
 */
export const sunLimits = { night: -6, day: 6 } as const

/** Share of nominal power below which a lamp gives no light: electronics alone take a little. Own choice. */
export const darkShare = 0.05

/** Measured power / (nominal power × dimming level) from which it is too low or too high. Own choice. */
export const powerLimits = { low: 0.8, high: 1.2 } as const

/** Altitude of the sun over the horizon, degrees, at a place (longitude, latitude) and time (epoch ms). */
export function sunAltitude([lon, lat]: Position, ts: number): number {
  return getPosition(new Date(ts), lat, lon).altitude
}

/** Measured power as a share of what nominal power and dimming level ask for; undefined when one is not known, or nothing is asked for. */
export function powerShare(values: LampValues, meta: LampMeta | undefined): number | undefined {
  const asked = (meta?.nominalPower ?? 0) * (values.illuminanceLevel ?? 0)
  return asked > 0 && values.activePower !== undefined ? values.activePower / asked : undefined
}

/** Judges a lamp's values, measured at `ts` (epoch ms); undefined when nothing is wrong or its place is not known. */
export function judgeLamp(values: LampValues, meta: LampMeta | undefined, ts: number): LampFinding | undefined {
  if (!meta || (values.activePower === undefined && values.powerState === undefined)) return undefined
  const sun = sunAltitude(meta.position, ts)
  if (!isBurning(values, meta)) return sun < sunLimits.night ? 'lampFailure' : undefined
  if (sun > sunLimits.day) return 'lampUnexpectedOn'
  const share = powerShare(values, meta)
  if (share === undefined) return undefined
  if (share > powerLimits.high) return 'lampPowerTooHigh'
  return share < powerLimits.low ? 'lampPowerTooLow' : undefined
}

/** Whether a lamp reports a fault of itself. */
export const reportsFault = ({ fault = 'none' }: { fault?: string | undefined }) => fault !== 'none'

/** Whether a lamp gives light: by its power where that is measured, for a dead lamp may still call itself on. */
export function isBurning(
  { activePower, powerState }: LampValues,
  { nominalPower = 0 }: Pick<LampMeta, 'nominalPower'>,
): boolean {
  return activePower === undefined ? powerState !== 'off' : activePower > darkShare * nominalPower
}

/** By how much the level that a lamp says it was asked for may differ from that of the order: it is rounded. Own choice. */
const levelTolerance = 0.05

/** Whether a lamp does what an order to give this share of full light asks for; undefined when its values do not say. */
export function isFollowingLevel(values: LampValues, meta: LampMeta | undefined, level: number): boolean | undefined {
  const { activePower, powerState, illuminanceLevel } = values
  // how much a lamp that is off may take is not known without its nominal power
  const measured = meta?.nominalPower === undefined ? { powerState } : { activePower, powerState }
  const isKnown = measured.powerState !== undefined || measured.activePower !== undefined
  if (isKnown && (level === 0 || level > darkShare) && isBurning(measured, meta ?? {}) !== level > 0) return false
  if (level > 0 && illuminanceLevel !== undefined) return Math.abs(illuminanceLevel - level) <= levelTolerance
  return isKnown ? true : undefined
}

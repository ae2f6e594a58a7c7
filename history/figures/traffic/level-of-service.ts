import { type LevelOfService, levelsOfService } from '#telemetry/figures/traffic-figures.ts'

/**
 * Shares of the base free-flow speed above which the level of service of an urban street is A to E; F has no least (HCM 2010, chapters
 * 16 and 17).
 */
export const leastShares: Readonly<Record<LevelOfService, number>> = { A: 0.85, B: 0.67, C: 0.5, D: 0.4, E: 0.3, F: 0 }

/** The level of service of an urban street by its speed and its free-flow speed, both in km/h: F at 30 % or less. */
export function levelOfService(speed: number, freeFlowSpeed: number): LevelOfService {
  const share = speed / freeFlowSpeed
  return levelsOfService.find((level) => share > leastShares[level]) ?? 'F'
}

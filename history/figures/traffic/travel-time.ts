import { percentileOf } from '#storage/roll-up/percentiles.ts'
import { fromSteps, toSteps } from '#storage/roll-up/steps.ts'

/** km/h: a slower hour counts as this, so that a standstill does not make an index infinite. Own choice. */
const leastSpeed = 1

/** How many times as long as at free flow a road takes at this speed (km/h). */
export function travelTimeRatio(speed: number, freeFlowSpeed: number): number {
  return freeFlowSpeed / Math.max(speed, leastSpeed)
}

/**
 * The two indices of how long trips take at the peak (FHWA, Travel Time Reliability: Making It There On Time, All The Time). Travel-time index:
 * the mean time of the peak hours / the time at free flow; planning-time index: the 95th percentile of these times / the time at free
 * flow, so long to plan for in order to be late once in twenty. Each ratio is that of one hour of one counter; undefined of none.
 */
export function travelTimeIndices(
  ratios: readonly number[],
): { travelTimeIndex: number; planningTimeIndex: number } | undefined {
  if (ratios.length === 0) return undefined
  const sorted = Float64Array.from(ratios, toSteps).sort()
  const sum = sorted.reduce((total, each) => total + each, 0)
  return { travelTimeIndex: fromSteps(sum) / sorted.length, planningTimeIndex: percentileOf(sorted, 0.95) }
}

import type { Values } from '../../reading-parts.ts'

/** The thresholds of congestion: the index from which traffic is slow, and above which it is jammed (the ratio and limits of TomTom and HERE). */
export const congestionLimits = { slow: 1.25, jammed: 2 } as const

/** How traffic flows past a counter. */
export type Congestion = 'free' | 'slow' | 'jammed'

/** Free-flow speed / measured speed; Infinity at a standstill; undefined when either speed is not known. */
export function congestionIndex(
  values: Values | undefined,
  meta: Readonly<{ freeFlowSpeed?: number | undefined; [other: string]: unknown }> | undefined,
): number | undefined {
  const speed = values?.averageVehicleSpeed
  return typeof speed !== 'number' || meta?.freeFlowSpeed === undefined ? undefined : meta.freeFlowSpeed / speed
}

/** Below 1.25 free, from there slow, over 2 jammed. */
export function congestionOf(index: number): Congestion {
  if (index < congestionLimits.slow) return 'free'
  return index > congestionLimits.jammed ? 'jammed' : 'slow'
}

import type { District } from '#telemetry/district.ts'

/** West, south, east, north in degrees. */
export type Bounds = [number, number, number, number]

/** The box that holds all districts; undefined when there are none. */
export function boundsOf(districts: readonly District[]): Bounds | undefined {
  const points = districts.flatMap((district) => district.outline)
  const first = points[0]
  if (!first) return undefined
  const bounds: Bounds = [...first, ...first]
  for (const [lon, lat] of points) {
    bounds[0] = Math.min(bounds[0], lon)
    bounds[1] = Math.min(bounds[1], lat)
    bounds[2] = Math.max(bounds[2], lon)
    bounds[3] = Math.max(bounds[3], lat)
  }
  return bounds
}

import type { District } from '#telemetry/district.ts'
import { contains, distanceToLine } from '#telemetry/geometry.ts'
import type { DistanceToDistrict } from '#telemetry/meta-message.ts'

/** Tells how far positions lie from districts, by their outlines. */
export function districtDistance(districts: readonly Pick<District, 'id' | 'outline'>[]): DistanceToDistrict {
  const outlines = new Map(districts.map(({ id, outline }) => [id, outline]))
  return (district, position) => {
    const outline = outlines.get(district)
    if (!outline) return undefined
    return contains(outline, position) ? 0 : distanceToLine(outline, position)
  }
}

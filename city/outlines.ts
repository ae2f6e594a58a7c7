import { z } from 'zod'
import { idSchema } from '#telemetry/reading-parts.ts'
import { coordinates, featuresOf } from './geojson.ts'

const ring = z
  .array(coordinates)
  .min(4)
  .refine((points) => String(points[0]) === String(points.at(-1)), {
    error: 'is not closed: its last position must be its first again',
  })

/** `outlines.geojson`, the boundaries of the districts: for each, by its id, one closed ring. */
export const outlinesFile = featuresOf(
  z.object({ id: idSchema }),
  'Polygon',
  z.array(ring).refine((rings) => rings.length === 1, {
    error: 'must be one ring: a district has one outline without holes',
  }),
).transform(({ features }) =>
  features.map(({ properties, geometry }) => ({ district: properties.id, ring: geometry.coordinates[0] ?? [] })),
)
/** The outline of a district. */
export type Outline = z.infer<typeof outlinesFile>[number]

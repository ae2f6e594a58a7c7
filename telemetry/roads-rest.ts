import { z } from 'zod'
import { positionSchema } from './position.ts'
import { idSchema } from './reading-parts.ts'

/** Answer of `GET /api/v1/roads`: GeoJSON (RFC 7946), the roads of the base map on which sensors stand. */
export const roadsResponse = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(
    z.object({
      type: z.literal('Feature'),
      properties: z.object({
        /** of this answer alone */
        id: idSchema,
        /** in Vietnamese where the base map has it; absent: a road without a name */
        name: z.string().optional(),
        /** ids of the sensors that stand on it */
        sensors: z.array(idSchema).min(1),
      }),
      geometry: z.object({ type: z.literal('LineString'), coordinates: z.array(positionSchema).min(2) }),
    }),
  ),
})
export type RoadsResponse = z.infer<typeof roadsResponse>

import { z } from 'zod'
import { coordinates, featuresOf, namedProperties, namesOf } from './geojson.ts'

/** `places.geojson`: points that help to find one's way on the map. */
export const placesFile = featuresOf(
  namedProperties.extend({ kind: z.enum(['city', 'town', 'landmark', 'market', 'peak']) }),
  'Point',
  coordinates,
).transform(({ features }) =>
  features.map(({ properties, geometry }) => ({
    id: properties.id,
    name: namesOf(properties),
    kind: properties.kind,
    position: geometry.coordinates,
  })),
)
/** A place that the map names. */
export type Place = z.infer<typeof placesFile>[number]

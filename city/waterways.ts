import { z } from 'zod'
import { coordinates, featuresOf, namedProperties, namesOf } from './geojson.ts'

/** `waterways.geojson`: a line a river or canal, downstream. */
export const waterwaysFile = featuresOf(
  namedProperties.extend({ class: z.enum(['river', 'canal']) }),
  'LineString',
  z.array(coordinates).min(2),
).transform(({ features }) =>
  features.map(({ properties, geometry }) => ({
    id: properties.id,
    name: namesOf(properties),
    class: properties.class,
    /** longitude and latitude, degrees */
    line: geometry.coordinates,
  })),
)
/** A river or canal of the city's map. */
export type Waterway = z.infer<typeof waterwaysFile>[number]

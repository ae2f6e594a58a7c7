import { z } from 'zod'
import { coordinates, featuresOf, namedProperties, namesOf } from './geojson.ts'

/** `roads.geojson`: a line a road, from one end to the other. Several features may be parts of one road, each with an id of its own. */
export const roadsFile = featuresOf(
  namedProperties.extend({ class: z.enum(['trunk', 'primary', 'secondary']) }),
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
/** A road of the city's map. */
export type Road = z.infer<typeof roadsFile>[number]

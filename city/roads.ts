import { z } from 'zod'
import { coordinates, featuresOf, namedProperties, namesOf } from './geojson.ts'

/**
 * `roads.geojson`: a line a road, from one end to the other. Several features may be parts of one road, each with an id of its own.
 * `schematic` says of all of them that they are a sketch, beside where the roads are.
 */
export const roadsFile = featuresOf(
  namedProperties.extend({ class: z.enum(['trunk', 'primary', 'secondary']) }),
  'LineString',
  z.array(coordinates).min(2),
)
  .extend({ schematic: z.boolean().default(false) })
  .transform(({ features, schematic }) => ({
    schematic,
    roads: features.map(({ properties, geometry }) => ({
      id: properties.id,
      name: namesOf(properties),
      class: properties.class,
      /** longitude and latitude, degrees */
      line: geometry.coordinates,
    })),
  }))
/** A road of the city's map. */
export type Road = z.infer<typeof roadsFile>['roads'][number]

import { z } from 'zod'
import { idSchema } from '#telemetry/reading-parts.ts'

/** Longitude and latitude, degrees of WGS 84. A height behind them, which many tools write, is left out. */
export const coordinates = z
  .tuple([z.number(), z.number()])
  .rest(z.number())
  .transform(([lon, lat]): [number, number] => [lon, lat])
  .refine(([lon, lat]) => Math.abs(lon) <= 180 && Math.abs(lat) <= 90, {
    error: 'must be the longitude and then the latitude, in degrees of WGS 84 (EPSG:4326)',
  })

/** What every feature with a name tells: `name` in Vietnamese and `name_en` in English, which is `name` when it is absent. */
export const namedProperties = z.object({ id: idSchema, name: z.string().min(1), name_en: z.string().min(1).nullish() })

/** The names of a feature, by language. */
export const namesOf = ({ name, name_en }: Pick<z.infer<typeof namedProperties>, 'name' | 'name_en'>) => ({
  vi: name,
  en: name_en ?? name,
})

/** What to do about the types of geometry that geographic tools write where a plain one is needed. */
const plainOnly = (type: string) =>
  `must be ${type}: split a Multi${type} into features of one part each (QGIS: Multipart to Singleparts)`

/** A GeoJSON FeatureCollection (RFC 7946) whose features have these properties and one type of geometry. */
export function featuresOf<Properties extends z.ZodType, Coordinates extends z.ZodType>(
  properties: Properties,
  type: 'Point' | 'LineString' | 'Polygon',
  coordinatesOfType: Coordinates,
) {
  const geometry = z.object({
    type: z.string().refine((found) => found === type, { error: plainOnly(type), abort: true }),
    coordinates: coordinatesOfType,
  })
  const feature = z.object({ type: z.literal('Feature'), properties, geometry })
  return z.object({ type: z.literal('FeatureCollection'), features: z.array(feature) })
}

import type { Feature, FeatureCollection, Geometry, Point } from 'geojson'
import type { District } from '#telemetry/district.ts'
import type { SensorState } from '#telemetry/sensor.ts'

/** Features as one collection (RFC 7946). */
export function collection<G extends Geometry>(features: Feature<G>[]): FeatureCollection<G> {
  return { type: 'FeatureCollection', features }
}

/** A sensor as a point with its id, kind and district; nothing when nobody knows where it is. */
export function sensorPoint(sensor: SensorState, properties: Record<string, unknown> = {}): Feature<Point>[] {
  if (!sensor.meta) return []
  const { id, kind, district } = sensor
  const geometry: Point = { type: 'Point', coordinates: sensor.meta.position }
  return [{ type: 'Feature', geometry, properties: { id, kind, district, ...properties } }]
}

/** The districts' outlines as areas. */
export function outlines(districts: readonly District[]): FeatureCollection {
  return collection(
    districts.map(({ id, outline }) => ({
      type: 'Feature',
      properties: { id },
      geometry: { type: 'Polygon', coordinates: [outline] },
    })),
  )
}

/** Points for the wards' labels, with `name_vi` and `name_en`. */
export function wardPoints(districts: readonly District[]): FeatureCollection {
  return collection(
    districts
      .flatMap((district) => district.wards)
      .map(({ name, centre }) => ({
        type: 'Feature',
        properties: { name_vi: name.vi, name_en: name.en },
        geometry: { type: 'Point', coordinates: centre },
      })),
  )
}

import { z } from 'zod'
import type { Subscription } from '#telemetry/live.ts'
import { readingSchema } from '#telemetry/reading.ts'
import { sensorsQuery, sensorsResponse } from '#telemetry/rest.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import type { ApiServer, ServerParts } from '../server.ts'

const latestResponse = z.object({ readings: z.array(readingSchema) })
const tags = ['sensors']
const config = { right: 'see' } as const

function filterOf({ district, kind }: z.infer<typeof sensorsQuery>): Subscription {
  return { ...(district && { districts: [district] }), ...(kind && { kinds: [kind] }) }
}

function featureOf(state: SensorState): z.infer<typeof sensorsResponse>['features'][number] {
  const geometry = state.meta ? { type: 'Point' as const, coordinates: state.meta.position } : null
  return { type: 'Feature', id: state.id, geometry, properties: state }
}

/** The sensors known and their newest readings. */
export function sensorRoutes(app: ApiServer, { sensors }: ServerParts): void {
  app.get(
    '/api/v1/sensors',
    {
      config,
      schema: { summary: 'Sensors as GeoJSON', tags, querystring: sensorsQuery, response: { 200: sensorsResponse } },
    },
    async ({ query }) => ({
      type: 'FeatureCollection' as const,
      features: sensors.list(filterOf(query)).map(featureOf),
    }),
  )
  app.get(
    '/api/v1/readings/latest',
    {
      config,
      schema: {
        summary: 'Newest reading of each sensor',
        tags,
        querystring: sensorsQuery,
        response: { 200: latestResponse },
      },
    },
    async ({ query }) => ({
      readings: sensors.list(filterOf(query)).flatMap(({ reading }) => (reading ? [reading] : [])),
    }),
  )
}

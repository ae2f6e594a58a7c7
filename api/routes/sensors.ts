import { z } from 'zod'
import type { Subscription } from '#telemetry/live.ts'
import { sensorsQuery, sensorsResponse } from '#telemetry/rest.ts'
import { newestShape, type SensorState } from '#telemetry/sensor.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'

/** The newest value of each name, with the times of those that are older than the newest of all. */
const latestResponse = z.object({
  readings: z.array(z.intersection(newestShape.reading.unwrap(), z.object({ valueTimes: newestShape.valueTimes }))),
})
const tags = ['sensors']
const config = { right: 'see', cost: 8 } as const

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
      schema: {
        operationId: 'listSensors',
        summary: 'Sensors as GeoJSON',
        tags,
        querystring: sensorsQuery,
        response: { 200: sensorsResponse },
      },
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
        operationId: 'listLatestReadings',
        summary: 'Newest reading of each sensor, newest by value',
        description:
          'Each value is the newest of its name; `valueTimes` says when each was measured (`ts`) and arrived (`arrivedAt`) that is older than `ts` of the reading. Readings whose clock was more than 5 min ahead are never the newest.',
        tags,
        querystring: sensorsQuery,
        response: { 200: latestResponse },
      },
    },
    async ({ query }) => ({
      readings: sensors
        .list(filterOf(query))
        .flatMap(({ reading, valueTimes }) => (reading ? [{ ...reading, ...(valueTimes && { valueTimes }) }] : [])),
    }),
  )
}

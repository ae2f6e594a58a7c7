import { z } from 'zod'
import { districtsResponse } from '#telemetry/rest.ts'
import type { ApiServer, ServerParts } from '../server.ts'

const mapResponse = z.looseObject({ type: z.literal('FeatureCollection') }).describe('GeoJSON (RFC 7946)')
const configResponse = z.object({ mapStyleUrl: z.string().optional() })
const tags = ['city']

/** The districts, their sketched map, and the settings of the page. */
export function cityRoutes(app: ApiServer, { districts, map, mapStyleUrl }: ServerParts): void {
  app.get(
    '/api/v1/districts',
    { schema: { summary: 'The pilot districts', tags, response: { 200: districtsResponse } } },
    async () => ({ districts: [...districts] }),
  )
  const drawn = JSON.stringify(map)
  app.get(
    '/api/v1/map',
    { schema: { summary: 'Sketched roads and places', tags, response: { 200: mapResponse } } },
    // served as it is: nothing of ours looks inside
    async (_request, reply) =>
      reply
        .type('application/json')
        .serializer(String)
        .send(drawn as never),
  )
  app.get(
    '/api/v1/config',
    { schema: { summary: 'Settings of this installation', tags, response: { 200: configResponse } } },
    async () => ({ ...(mapStyleUrl === undefined ? {} : { mapStyleUrl }) }),
  )
}

import { z } from 'zod'
import { personSchema, stranger } from '#telemetry/people.ts'
import { districtsResponse } from '#telemetry/rest.ts'
import { sessionEndSchema } from '#telemetry/session-end.ts'
import type { ApiServer } from '../server/api-server.ts'
import { sendJson } from '../server/compressed-json.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { cookieName } from '../sign-in/sessions.ts'
import { baseMapUrl } from './base-map.ts'

const mapResponse = z.looseObject({ type: z.literal('FeatureCollection') }).describe('GeoJSON (RFC 7946)')
const configResponse = z.object({
  signedIn: z.boolean(),
  /** whether people may sign in through an OpenID provider */
  openId: z.boolean(),
  /** why a session of this browser is over, when nobody is signed in */
  ended: sessionEndSchema.optional(),
  /** who is, and what they may do */
  person: personSchema.optional(),
  /** only for callers who are signed in */
  mapStyleUrl: z.string().optional(),
  /** file of the base map (PMTiles) instead of the sketched map; only for callers who are signed in */
  baseMapUrl: z.string().optional(),
  /** zone of the city's days and hours, of the IANA database; only for callers who are signed in */
  timeZone: z.string().optional(),
})
const tags = ['city']
const config = { right: 'see' } as const

/** The districts, their sketched map, and the settings of the page. */
export function cityRoutes(
  app: ApiServer,
  { districts, map, openId, sessions, baseMap, web: { mapStyleUrl, timeZone } }: ServerParts,
): void {
  const pilot = JSON.stringify({ districts })
  app.get(
    '/api/v1/districts',
    {
      config,
      schema: {
        operationId: 'listDistricts',
        summary: 'The pilot districts',
        tags,
        response: { 200: districtsResponse },
      },
    },
    async (request, reply) => sendJson(request, reply, pilot),
  )
  const drawn = JSON.stringify(map)
  app.get(
    '/api/v1/map',
    {
      config,
      schema: { operationId: 'getMap', summary: 'Sketched roads and places', tags, response: { 200: mapResponse } },
    },
    // served as it is: nothing of ours looks inside
    async (request, reply) => sendJson(request, reply, drawn),
  )
  app.get(
    '/api/v1/config',
    {
      // the page asks whether to show its sign-in, and a refusal would be an error in the browser's console
      config: { right: 'open' },
      schema: {
        operationId: 'getConfiguration',
        summary: 'Whether one is signed in, and if so the settings of this installation',
        tags,
        response: { 200: configResponse },
      },
    },
    async ({ person, cookies }) => {
      if (person === stranger) {
        const ended = sessions.endOf(cookies[cookieName] ?? '')
        return { signedIn: false, openId: openId !== undefined, ...(ended && { ended }) }
      }
      return {
        signedIn: true,
        openId: openId !== undefined,
        person,
        timeZone,
        ...(mapStyleUrl === undefined ? {} : { mapStyleUrl }),
        ...(baseMap === undefined ? {} : { baseMapUrl }),
      }
    },
  )
}

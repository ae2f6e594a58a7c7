import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { kindSchema } from '#telemetry/kinds.ts'
import { roadsResponse } from '#telemetry/roads-rest.ts'
import { BaseMapRoads } from '../base-map/base-map-roads.ts'
import { parseRange } from '../base-map/byte-range.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import type { ServerParts } from '../server/route-parts.ts'

const archive = z.string().meta({ format: 'binary', description: 'a PMTiles archive (version 3), or a part of it' })

/** Where the base map is, for the page. */
export const baseMapUrl = '/api/v1/base-map'

/** The file that the base map is drawn from: a browser reads a header, directories and tiles of it by ranges. */
export function baseMapRoutes(app: ApiServer, parts: ServerParts): void {
  const { baseMap } = parts
  app.get(
    baseMapUrl,
    {
      // a disk's read of a few kB, streamed: only the number of connections bounds how many run at once
      config: { right: 'see', cost: 0, errors: ['NOT_FOUND', 'RANGE_BEYOND'] },
      schema: {
        operationId: 'getBaseMap',
        summary: 'The file of the base map, or a range of its bytes',
        tags: ['city'],
        produces: ['application/vnd.pmtiles'],
        response: { 200: archive, 206: archive, 304: z.null() },
      },
    },
    async (request, reply) => {
      if (baseMap === undefined) throw new ApiProblem('NOT_FOUND', { code: 'NO_BASE_MAP', params: {} })
      await sendFile(request, reply, baseMap)
      return reply
    },
  )
  const roads = baseMap === undefined ? undefined : new BaseMapRoads({ ...parts, baseMap })
  app.get(
    '/api/v1/roads',
    {
      config: { right: 'see', cost: 2, errors: ['NOT_FOUND'] },
      schema: {
        operationId: 'listRoads',
        summary: 'The roads of the base map on which sensors of a kind stand',
        description:
          'Stretches of up to 800 m to either side of the sensors, joined from the tiles of the base map. A sensor stands on the road that its meta names, if that passes within 50 m of it, else on the nearest within 50 m, else on none.',
        tags: ['city'],
        querystring: z.object({ kind: kindSchema }),
        response: { 200: roadsResponse },
      },
    },
    async ({ query }) => {
      if (!roads) throw new ApiProblem('NOT_FOUND', { code: 'NO_BASE_MAP', params: {} })
      return roads.of(query.kind).catch((error: unknown) => {
        parts.log.warn({ error }, 'the roads of the base map cannot be read')
        throw new ApiProblem('NOT_FOUND', { code: 'NO_BASE_MAP', params: {} })
      })
    },
  )
}

/** Each answer opens the file: one that was replaced is served whole, under another ETag, from the next request on. */
async function sendFile({ headers, method }: FastifyRequest, reply: FastifyReply, path: string): Promise<void> {
  const file = await open(path).catch(() => {
    throw new ApiProblem('NOT_FOUND', { code: 'NO_BASE_MAP', params: {} })
  })
  let isStreamed = false
  try {
    const { size, mtimeMs, ino } = await file.stat()
    if (size === 0) throw new ApiProblem('NOT_FOUND', { code: 'NO_BASE_MAP', params: {} })
    const etag = `"${[size, Math.round(mtimeMs), ino].map((part) => part.toString(36)).join('-')}"`
    reply
      .header('etag', etag)
      .header('accept-ranges', 'bytes')
      // whoever is signed out reads what anybody may copy from OpenStreetMap
      .header('cache-control', 'private, max-age=3600')
    const known = headers['if-none-match']?.split(',').map((each) => each.trim().replace(/^W\//, ''))
    if (known?.includes(etag) || known?.includes('*')) return void reply.code(304).send()
    const ifRange = headers['if-range']
    const range = ifRange === undefined || ifRange === etag ? parseRange(headers.range, size) : undefined
    if (range === 'beyond') {
      reply.header('content-range', `bytes */${size}`).header('cache-control', 'no-store')
      throw new ApiProblem('RANGE_BEYOND', { code: 'RANGE_BEYOND_END', params: { bytes: size } })
    }
    if (range) reply.code(206).header('content-range', `bytes ${range.first}-${range.last}/${size}`)
    const { first, last } = range ?? { first: 0, last: size - 1 }
    reply.type('application/vnd.pmtiles').header('content-length', last - first + 1)
    // Fastify leaves the length alone only beside a stream, which it reads to its end
    if (method === 'HEAD') return void reply.send(Readable.from([]))
    isStreamed = true
    reply.send(file.createReadStream({ start: first, end: last }))
  } finally {
    // a stream closes it itself
    if (!isStreamed) await file.close()
  }
}

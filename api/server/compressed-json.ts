import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Sends JSON that is made already, with compression for who takes that: a large answer of numbers shrinks to a fifth, off the main thread. */
export async function sendJson(request: FastifyRequest, reply: FastifyReply, text: string): Promise<FastifyReply> {
  reply.type('application/json').header('vary', 'accept-encoding').serializer(String)
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return reply.send(text)
  // on this machine's own loopback time matters more than bytes
  const body = await promisify(gzip)(text, { level: constants.Z_BEST_SPEED })
  return reply
    .header('content-encoding', 'gzip')
    .serializer((sent: unknown) => sent as string) // a Buffer passes as it is
    .send(body)
}

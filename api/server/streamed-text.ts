import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { constants, createGzip, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** characters that are held before the first is sent: until then a fault is told as a problem */
const heldCharacters = 262_144

const speed = { level: constants.Z_BEST_SPEED }

/** Sends a text as its parts are made, with compression for who takes that. A fault in a later part cuts the answer. */
export async function sendText(
  request: FastifyRequest,
  reply: FastifyReply,
  { type, parts }: { type: string; parts: AsyncGenerator<string, void, undefined> },
): Promise<FastifyReply> {
  let held = ''
  let isWhole = false
  while (!isWhole && held.length < heldCharacters) {
    const { done, value } = await parts.next()
    isWhole = done === true
    held += value ?? ''
  }
  reply
    .type(type)
    .header('vary', 'accept, accept-encoding')
    .serializer((sent: unknown) => sent as string) // as it is
  const isZipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  if (isZipped) reply.header('content-encoding', 'gzip')
  if (isWhole) return reply.send(isZipped ? await promisify(gzip)(held, speed) : held)
  async function* all() {
    yield held
    held = ''
    yield* parts
  }
  const { signal } = request.queryContext
  const out = isZipped ? createGzip(speed) : new PassThrough()
  // what goes wrong destroys `out`, which cuts the answer; it is logged there
  pipeline(Readable.from(all()), out, { signal }).catch(() => {})
  return reply.send(out)
}

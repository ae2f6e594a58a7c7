import rateLimit from '@fastify/rate-limit'
import type { FastifyRequest } from 'fastify'
import { stranger } from '#telemetry/people.ts'
import type { ApiMetrics } from './metrics.ts'
import { ApiProblem } from './problems.ts'
import type { ApiServer } from './server.ts'

/** ms over which everything here is counted */
const windowMs = 60_000

/** sign-ins a minute of one address, and of one name: more of a name, so that one address alone cannot lock a person out */
const signInsPerMinute = { address: 30, name: 60 }

/** persons or addresses counted at once; the one not seen for longest goes first */
const maxKeys = 10_000

/** An IPv6 address stands for its /64, which is what one customer has. */
const ipv6Subnet = 64

/** Bounds on how often the api may be asked. */
export interface RateLimits {
  /** Counts a request of this person, or of this address when nobody is signed in. @throws ApiProblem TOO_MANY_REQUESTS */
  countRequest(request: FastifyRequest): Promise<void>
  /** Counts an attempt to sign in, by name too when one is claimed. @throws ApiProblem TOO_MANY_REQUESTS */
  countSignIn(request: FastifyRequest, name?: string): Promise<void>
  /** Looks whether this address may still try to sign in, and counts nothing. @throws ApiProblem TOO_MANY_REQUESTS */
  checkSignIn(request: FastifyRequest): Promise<void>
}

type Limiter = ReturnType<ApiServer['createRateLimit']>

/** Installs the counters; each process of the api counts for itself, in memory. */
export async function installRateLimits(
  app: ApiServer,
  options: { requestsPerMinute: number; metrics: ApiMetrics },
): Promise<RateLimits> {
  const { requestsPerMinute, metrics } = options
  await app.register(rateLimit, { global: false, timeWindow: windowMs, cache: maxKeys, ipv6Subnet })
  const ofAddress = app.createRateLimit({ max: requestsPerMinute })
  const ofPerson = app.createRateLimit({ max: requestsPerMinute, keyGenerator: ({ person }) => person.name })
  const signInsOfAddress = app.createRateLimit({ max: signInsPerMinute.address })
  const names = new WeakMap<FastifyRequest, string>()
  const signInsOfName = app.createRateLimit({
    max: signInsPerMinute.name,
    keyGenerator: (request) => names.get(request) ?? '',
  })
  const count = async (limiter: Limiter, request: FastifyRequest, what: string, increment = true) => {
    const found = await limiter(request, { increment })
    if (found.isAllowed || !(found.isExceeded || (!increment && found.remaining === 0))) return
    metrics.rateLimited.inc({ what })
    throw new ApiProblem('TOO_MANY_REQUESTS', `try again in ${found.ttlInSeconds} s`, found.ttlInSeconds)
  }
  return {
    countRequest: (request) => count(request.person === stranger ? ofAddress : ofPerson, request, 'request'),
    checkSignIn: (request) => count(signInsOfAddress, request, 'sign-in of an address', false),
    async countSignIn(request, name) {
      await count(signInsOfAddress, request, 'sign-in of an address')
      if (name === undefined) return
      names.set(request, name)
      await count(signInsOfName, request, 'sign-in of a name')
    },
  }
}

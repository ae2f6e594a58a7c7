import rateLimit from '@fastify/rate-limit'
import type { FastifyRequest } from 'fastify'
import { networkOf } from '#telemetry/network.ts'
import { stranger } from '#telemetry/people.ts'
import type { ApiMetrics } from '../metrics.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import { FailedSignIns } from './failed-sign-ins.ts'

/** ms over which everything here is counted */
const windowMs = 60_000

/** sign-ins a minute of one address */
const signInsPerMinute = 30

/** persons or addresses counted at once; the one not seen for longest goes first */
const maxKeys = 10_000

/** An IPv6 address stands for its /64, which is what one customer has. */
const ipv6Subnet = 64

/** Bounds on how often the api may be asked. */
export interface RateLimits {
  /** Counts a request of this person, or of this address when nobody is signed in. @throws ApiProblem TOO_MANY_REQUESTS */
  countRequest(request: FastifyRequest): Promise<void>
  /** Counts a request that a page of another site makes a browser send, apart from what the person at that browser asks. @throws ApiProblem TOO_MANY_REQUESTS */
  countOfOtherSite(request: FastifyRequest): Promise<void>
  /** Counts an attempt to sign in; a name that is claimed may be closed to this address. @throws ApiProblem TOO_MANY_REQUESTS */
  countSignIn(request: FastifyRequest, name?: string): Promise<void>
  /** Looks whether this address may still try to sign in, and counts nothing. @throws ApiProblem TOO_MANY_REQUESTS */
  checkSignIn(request: FastifyRequest): Promise<void>
  /**
   * Counts a `GET` with a token that is not valid. Any page makes a browser send one, and over http to another machine none tells whose it was:
   * these close nothing else to an address. @throws ApiProblem TOO_MANY_REQUESTS
   */
  countLink(request: FastifyRequest): Promise<void>
  /** Looks whether this address may still try one, and counts nothing. @throws ApiProblem TOO_MANY_REQUESTS */
  checkLink(request: FastifyRequest): Promise<void>
  /** Counts a `GET` that leads to the OpenID provider, apart for the same reason. @throws ApiProblem TOO_MANY_REQUESTS */
  countOpenId(request: FastifyRequest): Promise<void>
  /** Counts that this address failed to sign in with a name. */
  failedSignIn(request: FastifyRequest, name: string): void
}

type Limiter = ReturnType<ApiServer['createRateLimit']>

/** Installs the counters; each process of the api counts for itself, in memory. */
export async function installRateLimits(
  app: ApiServer,
  options: { requestsPerMinute: number; metrics: ApiMetrics; clock: () => number },
): Promise<RateLimits> {
  const { requestsPerMinute, metrics, clock } = options
  await app.register(rateLimit, { global: false, timeWindow: windowMs, cache: maxKeys, ipv6Subnet })
  const ofAddress = app.createRateLimit({ max: requestsPerMinute })
  const ofPerson = app.createRateLimit({ max: requestsPerMinute, keyGenerator: ({ person }) => person.name })
  const signInsOfAddress = app.createRateLimit({ max: signInsPerMinute })
  const linksOfAddress = app.createRateLimit({ max: signInsPerMinute })
  const openIdOfAddress = app.createRateLimit({ max: signInsPerMinute })
  const ofOtherSites = app.createRateLimit({ max: requestsPerMinute })
  const failed = new FailedSignIns(clock)
  const count = async (limiter: Limiter, request: FastifyRequest, what: string, increment = true) => {
    const found = await limiter(request, { increment })
    if (found.isAllowed || !(found.isExceeded || (!increment && found.remaining === 0))) return
    metrics.rateLimited.inc({ what })
    throw triedTooOften(found.ttlInSeconds)
  }
  return {
    countRequest: (request) => count(request.person === stranger ? ofAddress : ofPerson, request, 'request'),
    countOfOtherSite: (request) => count(ofOtherSites, request, 'request from another site'),
    failedSignIn: (request, name) => failed.failed(name, networkOf(request.ip)),
    countLink: (request) => count(linksOfAddress, request, 'link of an address'),
    checkLink: (request) => count(linksOfAddress, request, 'link of an address', false),
    countOpenId: (request) => count(openIdOfAddress, request, 'way of an address to the OpenID provider'),
    checkSignIn: (request) => count(signInsOfAddress, request, 'sign-in of an address', false),
    async countSignIn(request, name) {
      await count(signInsOfAddress, request, 'sign-in of an address')
      if (name === undefined) return
      const waitS = failed.waitS(name, networkOf(request.ip))
      if (waitS === 0) return
      metrics.rateLimited.inc({ what: 'sign-in of a name' })
      throw triedTooOften(waitS)
    },
  }
}

function triedTooOften(seconds: number): ApiProblem {
  const fault = { code: 'TRY_AGAIN_IN', params: { seconds } } as const
  return new ApiProblem('TOO_MANY_REQUESTS', fault, { retryAfterS: seconds })
}

import type { FastifyRequest } from 'fastify'
import type { QueryContext } from '#storage/store.ts'
import { stranger } from '#telemetry/people.ts'
import type { ApiMetrics } from '../metrics.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import { type QueryLimits, QueryScheduler } from './query-scheduler.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** what a query costs (1 to 8, see query-scheduler.ts); 1 for a GET or HEAD of the api that says nothing, 0: not counted */
    cost?: number
    /** ms from the arrival of a question until it is given up, where that is not the usual */
    longestMs?: number
  }
  interface FastifyRequest {
    /** for the store: ends when the caller has gone, or the time for an answer is over */
    queryContext: QueryContext
    /**
     * To be called once it is known how much a query looks at: waits until there is room for one of this cost (1 to 8), while it holds
     * none. @throws ApiProblem TOO_MANY_QUESTIONS
     */
    changeQueryCost: (cost: number) => Promise<void>
  }
}

/** ms after which an answer that its caller does not read is cut */
const unreadMs = 60_000

/** A person and all their keys are one; a caller that is not signed in counts by address. */
function nameOf({ person, ip }: FastifyRequest): string {
  return person === stranger ? `address ${ip}` : `person ${person.name.split('/', 1)[0]}`
}

function costOf({ method, routeOptions: { config, url = '' } }: FastifyRequest): number {
  // a HEAD makes the work of its GET
  const isQuestion = (method === 'GET' || method === 'HEAD') && (url.startsWith('/api/') || url === '/metrics')
  return config.cost ?? (isQuestion ? 1 : 0)
}

/** Counts the cost of every query until its answer has been sent, and ends it when its caller goes or its time is over. */
export function installQueryLimits(app: ApiServer, parts: { limits: QueryLimits; metrics: ApiMetrics }): void {
  const { limits, metrics } = parts
  const questions = new QueryScheduler(limits, metrics)
  app.decorateRequest('queryContext', undefined as unknown as QueryContext) // set by the hook below before a handler looks at it
  app.decorateRequest('changeQueryCost', undefined as unknown as FastifyRequest['changeQueryCost']) // likewise
  app.addHook('preHandler', async (request, reply) => {
    const ending = new AbortController()
    request.queryContext = ending
    request.changeQueryCost = async () => {}
    const cost = costOf(request)
    if (cost === 0) return
    // a caller that left while it was authenticated emits no further close event: nothing would end this query
    if (reply.raw.closed || reply.raw.destroyed || request.raw.socket.destroyed) {
      metrics.questionsEnded.inc({ why: 'gone' })
      throw new ApiProblem('GONE', { code: 'CALLER_GONE', params: {} })
    }
    const longestMs = request.routeOptions.config.longestMs ?? limits.longestMs
    const late = setTimeout(() => {
      metrics.questionsEnded.inc({ why: 'deadline' })
      const s = longestMs / 1_000
      ending.abort(new ApiProblem('TOO_SLOW', { code: 'TOOK_TOO_LONG', params: { seconds: s } }))
    }, longestMs)
    const cut = setTimeout(() => reply.raw.destroy(), longestMs + unreadMs)
    let release = () => {}
    reply.raw.once('close', () => {
      clearTimeout(late)
      clearTimeout(cut)
      release()
      if (reply.raw.writableFinished) return
      metrics.questionsEnded.inc({ why: 'gone' })
      ending.abort(new ApiProblem('GONE', { code: 'CALLER_GONE', params: {} }))
    })
    const begin = async (asked: number) => {
      release = await questions.begin(nameOf(request), asked, ending.signal)
      if (ending.signal.aborted) release()
    }
    request.changeQueryCost = async (changed) => {
      if (changed === cost) return
      release()
      await begin(changed)
    }
    await begin(cost)
  })
}

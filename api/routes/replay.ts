import { z } from 'zod'
import { dayMs, hourMs, minuteMs } from '#telemetry/durations.ts'
import { earliestTime } from '#telemetry/reading-parts.ts'
import {
  coverageResponse,
  coverageWindowMs,
  maxReplaySpanMs,
  maxReplayStepMs,
  replayDaysResponse,
  replayResponse,
} from '#telemetry/replay.ts'
import { readCoverage } from '../replay/coverage.ts'
import { replayDays } from '../replay/days.ts'
import { replay } from '../replay/replay.ts'
import type { ApiServer } from '../server/api-server.ts'
import { sendJson } from '../server/compressed-json.ts'
import { ApiProblem } from '../server/problems.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { timeParameter } from '../server/time-parameter.ts'

/** longest span of a coverage, ms: a day on which the clocks are set back, and the bucket it begins in */
const maxCoverageMs = dayMs + hourMs + coverageWindowMs
/** longest span of days, ms: the weeks of a month */
const maxDaysMs = 43 * dayMs

const replayQuery = z
  .object({
    from: timeParameter,
    to: timeParameter,
    step: z.coerce
      .number()
      .int()
      .min(1)
      .max(maxReplayStepMs)
      .optional()
      .describe('ms: of each sensor only the newest reading of each step; from and to are whole steps'),
    state: z.enum(['true', 'false']).default('true').describe('whether to begin with the state at from'),
  })
  .refine(({ from, to, step }) => step === undefined || (from % step === 0 && to % step === 0), {
    path: ['step'],
    message: 'from and to must be whole multiples of step',
    params: { fault: { code: 'NOT_MULTIPLES_OF_STEP', params: {} } },
  })
const spanQuery = z.object({ from: timeParameter.optional(), to: timeParameter.optional() })

function checkSpan(from: number, to: number, longestMs: number): void {
  if (from >= to) throw new ApiProblem('EMPTY_SPAN', { code: 'FROM_NOT_BEFORE_TO', params: {} })
  if (to - from > longestMs)
    throw new ApiProblem('SPAN_TOO_LONG', { code: 'LONGER_THAN_MINUTES', params: { minutes: longestMs / minuteMs } })
}

/** The span that is asked for, from the start of a bucket on: the last 24 hours when nothing is said. */
function coverageSpan(asked: z.infer<typeof spanQuery>, now: number): { from: number; to: number } {
  const to = asked.to ?? now
  const given = asked.from ?? Math.max(to - dayMs, earliestTime)
  const from = given - (given % coverageWindowMs)
  checkSpan(from, to, maxCoverageMs)
  return { from, to }
}

/** What all sensors measured in a stretch of the past, and where there is anything to see. */
export function replayRoutes(app: ApiServer, parts: ServerParts): void {
  const tags = ['replay']
  app.get(
    '/api/v1/replay',
    {
      config: { right: 'see', cost: 8, errors: ['EMPTY_SPAN', 'SPAN_TOO_LONG', 'TOO_MANY_READINGS'] },
      schema: {
        operationId: 'getReplay',
        summary: 'All readings of a stretch of time, what happened to alerts, and who came and went, for a replay',
        description:
          'At most 30 minutes, 25,000 readings of a kind and 20,000 steps of alerts: an answer with more ends earlier than asked, at its own `to`. State is the newest reading of each sensor in the 24 hours before `from`, who was offline then, and the alerts that were open, each as it was then. `alertsKept` says how much of them is known.',
        tags,
        querystring: replayQuery,
        response: { 200: replayResponse },
      },
    },
    async (request, reply) => {
      const { from, to, step, state } = request.query
      checkSpan(from, to, maxReplaySpanMs)
      const query = { from, to, state: state === 'true', ...(step === undefined ? {} : { step }) }
      const { store, sensors } = parts
      const answer = await replay({ store, sensors: sensors.list().length }, query, request.queryContext)
      return sendJson(request, reply, JSON.stringify(answer))
    },
  )
  app.get(
    '/api/v1/replay/coverage',
    {
      config: { right: 'see', cost: 4, errors: ['EMPTY_SPAN', 'SPAN_TOO_LONG'] },
      schema: {
        operationId: 'getReplayCoverage',
        summary: 'How complete the readings of a day are, per 5 minutes',
        description: 'Default: the last 24 hours. At most a day, which may have 25 hours.',
        tags,
        querystring: spanQuery,
        response: { 200: coverageResponse },
      },
    },
    async ({ query, queryContext }) => readCoverage(parts, coverageSpan(query, parts.clock()), queryContext),
  )
  app.get(
    '/api/v1/replay/days',
    {
      config: { right: 'see', cost: 4, errors: ['EMPTY_SPAN', 'SPAN_TOO_LONG'] },
      schema: {
        operationId: 'listReplayDays',
        summary: 'On which days there are readings, and when the first one was measured',
        description:
          'The local days of the city (TIME_ZONE) that the span touches, at most 43 × 24 hours. Default: the last 30 days.',
        tags,
        querystring: spanQuery,
        response: { 200: replayDaysResponse },
      },
    },
    async ({ query, queryContext }) => {
      const { to = parts.clock() } = query
      const { from = Math.max(to - 30 * dayMs, earliestTime) } = query
      checkSpan(from, to, maxDaysMs)
      return replayDays(parts.store, { from, to, zone: parts.web.timeZone }, queryContext)
    },
  )
}

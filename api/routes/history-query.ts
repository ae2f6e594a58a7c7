import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Placements } from '#history/placements.ts'
import { answerQuestion } from '#history/question/answer-question.ts'
import { type AnswerLimits, headOf, planQuestion, type QuestionPlan } from '#history/question/plan.ts'
import { weighQuestion } from '#history/question/weigh-question.ts'
import { readReportingSteps } from '#storage/reporting-steps.ts'
import {
  type HistoryHead,
  type HistoryQuestion,
  type HistorySeriesHead,
  historyAnswer,
} from '#telemetry/history-question.ts'
import type { Words } from '#telemetry/language.ts'
import { givenUnit } from '#telemetry/values.ts'
import { jsonLinesOf, jsonOf } from '../history/answer-text.ts'
import { placesOf, readPlacements } from '../history/known-places.ts'
import { questionBody, questionQuery } from '../history/question-parameters.ts'
import { withProblems } from '../history/question-problems.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { sendText } from '../server/streamed-text.ts'

/** What a page draws, and what a program takes line by line. */
const limits: Record<'json' | 'lines', AnswerLimits> = {
  json: { series: 20, figures: 200_000 },
  lines: { series: 5_000, figures: 2_000_000 },
}
/** sensors that an answer describes */
const maxDescribed = 200
/** readings and roll-ups up to which a question costs so much */
const costs = [
  { upTo: 20_000, cost: 1 },
  { upTo: 200_000, cost: 2 },
  { upTo: 2_000_000, cost: 4 },
]
const heaviest = 8
const jsonLines = 'application/x-ndjson'

/** What an answer says before its figures. */
function headWithSensors(plan: QuestionPlan, placements: Placements, { sensors }: ServerParts): HistoryHead {
  const ids = [...new Set(plan.groups.flatMap((group) => group.sensors))].sort()
  const described = ids.slice(0, maxDescribed).map((id) => {
    const known = sensors.get(id)
    const district = known?.district ?? placements.get(id)?.at(-1)?.district ?? ''
    return { id, district, ...(known?.meta && { meta: known.meta }) }
  })
  const values = plan.values.map((info) => ({ name: info.name, vi: info.vi, en: info.en, ...givenUnit(info) }))
  return { ...headOf(plan), values, sensorCount: ids.length, sensors: described }
}

/** Names of groups: those of districts and wards are the city's, those of sensors their own. */
function groupNames({ districts, sensors }: ServerParts): (plan: QuestionPlan, id: string | null) => Words | undefined {
  const places = {
    district: new Map(districts.map(({ id, name }) => [id, name])),
    ward: new Map(districts.flatMap(({ wards }) => wards).map(({ id, name }) => [id, name])),
  }
  return ({ groupBy }, id) => {
    if (id === null) return undefined
    if (groupBy === 'sensor') return sensors.get(id)?.meta?.name
    return groupBy === 'district' || groupBy === 'ward' ? places[groupBy].get(id) : undefined
  }
}

/** Figures of the past: of sensors, or of all of a ward, district, road or tag, over time. */
export function historyQueryRoutes(app: ApiServer, parts: ServerParts): void {
  const { store, web, clock } = parts
  const nameOf = groupNames(parts)
  const places = placesOf(parts)

  async function answer(
    question: HistoryQuestion,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const form = String(request.headers.accept ?? '').includes(jsonLines) ? 'lines' : 'json'
    const { queryContext: context } = request
    const placements = await readPlacements(parts)
    const { plan, steps, weight } = await withProblems(async () => {
      const planned = { placements, places, limits: limits[form], zone: web.timeZone, now: clock() }
      const plan = planQuestion(question, planned)
      const ids = [...new Set(plan.members.map(({ sensor }) => sensor))]
      const steps = await readReportingSteps(store, { sensors: ids, to: plan.span.to }, context)
      return { plan, steps, weight: await weighQuestion(store, plan, steps) }
    })
    await request.changeQueryCost(costs.find(({ upTo }) => weight <= upTo)?.cost ?? heaviest)
    const describe = ({ value, group }: { value: string; group: number }): HistorySeriesHead => {
      const { id, sensors } = plan.groups[group] ?? { id: null, sensors: [] }
      const name = nameOf(plan, id)
      const simulated = sensors.filter((sensor) => plan.simulated.has(sensor)).length
      return { value, group: id, ...(name && { name }), sensors: sensors.length, simulated }
    }
    const series = answerQuestion({ store, plan, steps, context })
    const answered = { head: headWithSensors(plan, placements, parts), series, describe }
    return form === 'lines'
      ? sendText(request, reply, { type: jsonLines, parts: jsonLinesOf(answered) })
      : sendText(request, reply, { type: 'application/json', parts: jsonOf(answered) })
  }

  const config = {
    ...{ right: 'see' as const, cost: 1 },
    errors: ['UNKNOWN_SENSOR', 'UNKNOWN_VALUE', 'NOT_NUMERIC', 'EMPTY_SPAN', 'TOO_MUCH_ASKED'] as const,
  }
  const described = {
    description:
      'Means, sums, extremes, counts, percentiles, increases and times above a limit of sensors, or of all sensors of districts, wards, roads or tags, in time buckets of the zone’s clock and calendar or as a profile of the hours of the week, and beside those of an earlier span. Sensors count to where they stood at that time. Every figure says how complete its readings are (`coverage`), why others are left out (`states`), how many were corrected, and whether it is still open. At most 20 series and 200,000 figures an answer; as JSON lines (`Accept: application/x-ndjson`) 5,000 series and 2,000,000 figures. Give from and to, and window, points or profile; by default about 200 points of the last 24 hours.',
    tags: ['history'],
    response: { 200: historyAnswer },
  }
  app.get(
    '/api/v1/history/query',
    {
      config,
      schema: {
        ...{ operationId: 'getHistoryQuery', summary: 'Figures of the past, for simple questions', ...described },
        querystring: questionQuery,
      },
    },
    async (request, reply) => answer(request.query, request, reply),
  )
  app.post(
    '/api/v1/history/query',
    {
      // a program may take a large answer line by line
      config: { ...config, longestMs: 60_000, errors: [...config.errors, 'TOO_MANY_QUESTIONS', 'TOO_SLOW'] as const },
      bodyLimit: 262_144,
      schema: {
        ...{ operationId: 'queryHistory', summary: 'Figures of the past', ...described },
        body: questionBody,
      },
    },
    async (request, reply) => answer(request.body, request, reply),
  )
}

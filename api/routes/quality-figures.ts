import { z } from 'zod'
import { answerQuality, weighQuality } from '#history/figures/quality/answer-quality.ts'
import type { MembersOfKind, QualityRequest } from '#history/figures/quality/quality-request.ts'
import { resolveFigureGroups, resolveFigureSpan } from '#history/figures/resolve-figures.ts'
import { checkBuckets, windowCounts } from '#history/figures/weigh-figures.ts'
import type { Placements } from '#history/placements.ts'
import { QuestionRefusal } from '#history/question/refusal.ts'
import { checkSensors } from '#history/question/resolve-question.ts'
import { readReportingSteps } from '#storage/reporting-steps.ts'
import type { Span } from '#storage/roll-up/spans.ts'
import { dayMs } from '#telemetry/durations.ts'
import { seriesWindows } from '#telemetry/figures/figure-windows.ts'
import { qualityFiguresResponse } from '#telemetry/figures/quality-figures.ts'
import { type Kind, kindSchema, kinds } from '#telemetry/kinds.ts'
import { numberNames } from '#telemetry/numbers-of-kind.ts'
import { valuesOf } from '#telemetry/reading.ts'
import { figureQueryShape, groupByOf, windowOf } from '../figures/figure-parameters.ts'
import { figureNames, figureRouteConfig, waitForRoom } from '../figures/figure-question.ts'
import { placesOf, readPlacements } from '../history/known-places.ts'
import { withProblems } from '../history/question-problems.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'

const maxDays = 3_660
/** span when none is asked for */
const usualMs = dayMs
/** readings that are judged, and refused messages that are looked at, in one answer */
const maxReadings = 500_000
const maxRefused = 50_000

const qualityQuery = z.object({
  ...figureQueryShape,
  kind: kindSchema.optional(),
  groupBy: groupByOf('sensors'),
  window: windowOf(seriesWindows),
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('groups in the answer, the worst first'),
})
type Query = z.infer<typeof qualityQuery>

/** The kinds that are asked for: that of the question, those of its sensors, or all that have such sensors. */
function kindsOf({ kind, sensors }: Query, placements: Placements): readonly Kind[] {
  if (kind !== undefined) return [kind]
  const known = (sensors ?? [...placements.keys()]).flatMap((sensor) => placements.get(sensor)?.at(-1)?.kind ?? [])
  return kinds.filter((each) => known.includes(each))
}

/** Numeric values that a sensor of a kind has: of those whose newest reading is not known, all of the kind. */
function valuesIn({ sensors }: ServerParts, kind: Kind, members: readonly { sensor: string }[]): readonly string[] {
  const numeric = numberNames[kind]
  const held = new Set<string>()
  for (const { sensor } of members) {
    const { reading } = sensors.get(sensor) ?? {}
    if (!reading) return numeric
    for (const name of Object.keys(valuesOf(reading))) held.add(name)
  }
  return numeric.filter((name) => held.has(name))
}

type Asked = Omit<QualityRequest, 'steps'>

/** Groups of all kinds together: a ward has sensors of several. */
function joinGroups(parts: ServerParts, query: Query, placements: Placements, span: Span) {
  const { kind: _, groupBy, window: __, limit: ___, ...question } = query
  const groups: Asked['groups'] = []
  const indices = new Map<string | null, number>()
  const joined: MembersOfKind[] = []
  let refusal: unknown
  for (const kind of kindsOf(query, placements)) {
    const own = question.sensors?.filter((sensor) => placements.get(sensor)?.some((placed) => placed.kind === kind))
    try {
      const asked = query.kind === undefined && own ? { ...question, sensors: own } : question
      const membership = resolveFigureGroups(asked, kind, { placements, places: placesOf(parts), groupBy, span })
      const places = membership.groups.map(({ id, sensors }) => {
        const index = indices.get(id) ?? groups.push({ id, sensors: [] }) - 1
        indices.set(id, index)
        groups[index]?.sensors.push(...sensors)
        return index
      })
      const members = membership.members.map((member) => ({ ...member, group: places[member.group] ?? 0 }))
      joined.push({ kind, members, values: valuesIn(parts, kind, members) })
    } catch (error) {
      // a ward may have sensors of one kind alone
      if (!(error instanceof QuestionRefusal)) throw error
      refusal = error
    }
  }
  if (joined.length === 0 && refusal) throw refusal
  return { groups, kinds: joined }
}

async function requestOf(parts: ServerParts, query: Query): Promise<Asked> {
  const { web, clock, sensors } = parts
  const { window, limit, sensors: ids } = query
  const placements = await readPlacements(parts)
  checkSensors(ids ?? [], placements)
  const now = clock()
  const span = resolveFigureSpan(query, now, { usualMs, maxDays })
  const joined = joinGroups(parts, query, placements, span)
  if (window) checkBuckets(joined.groups.length, windowCounts(seriesWindows, window, span))
  return {
    ...{ ...joined, ...span, window, limit, zone: web.timeZone, now },
    nameOf: figureNames(parts),
    factsOf: (sensor) => {
      const { meta, district } = sensors.get(sensor) ?? {}
      const placed = placements.get(sensor)?.at(-1)
      const simulated = meta?.simulated ?? placed?.simulated ?? false
      return { isSimulated: simulated, district: district ?? placed?.district ?? '', ...(meta && { meta }) }
    },
    ...{ mostReadings: maxReadings, mostRefused: maxRefused },
  }
}

/** Figures of data quality of any span. */
export function qualityFiguresRoutes(app: ApiServer, parts: ServerParts): void {
  const { store } = parts
  app.get(
    '/api/v1/figures/quality',
    {
      config: figureRouteConfig,
      schema: {
        operationId: 'getQualityFigures',
        summary: 'Data quality of sensors, wards and districts, worst first: correct, complete, clean, live',
        description:
          'đúng, đủ, sạch, sống (1709/BKHCN-CĐSQG) of any span (by default the last 24 hours) and in time buckets of it. Every score has beside it the numbers that it is made of, `formulas` says how, and `links` lead to the readings behind it. What is not known is left out and told in `unknown`: sạch beyond 500,000 readings, đúng before the 30 days for which messages that did not validate are kept. The score is the least of the parts that are known.',
        tags: ['history'],
        querystring: qualityQuery,
        response: { 200: qualityFiguresResponse },
      },
    },
    (request) =>
      withProblems(async () => {
        const { query, queryContext } = request
        const asked = await requestOf(parts, query)
        const sensors = asked.groups.flatMap((group) => group.sensors)
        const steps = await readReportingSteps(store, { sensors, to: asked.to }, queryContext)
        await waitForRoom(request, await weighQuality(store, { ...asked, steps }))
        return answerQuality(store, { ...asked, steps }, queryContext)
      }),
  )
}

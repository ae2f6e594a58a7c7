import { z } from 'zod'
import { splitByDirection } from '#history/figures/groups-of-figures.ts'
import { resolveFigureGroups, resolveFigureSpan } from '#history/figures/resolve-figures.ts'
import { answerTraffic, type TrafficRequest, weighTraffic } from '#history/figures/traffic/answer-traffic.ts'
import { trafficKind } from '#history/figures/traffic/read-traffic.ts'
import { checkBuckets, windowCounts } from '#history/figures/weigh-figures.ts'
import { readReportingSteps } from '#storage/reporting-steps.ts'
import { dayMs } from '#telemetry/durations.ts'
import { seriesWindows } from '#telemetry/figures/figure-windows.ts'
import { trafficFiguresResponse } from '#telemetry/figures/traffic-figures.ts'
import { figureQueryShape, windowOf } from '../figures/figure-parameters.ts'
import { figureNames, figureRouteConfig, figureSettingsIn, waitForRoom } from '../figures/figure-question.ts'
import { placesOf, readPlacements } from '../history/known-places.ts'
import { withProblems } from '../history/question-problems.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'

/** days of one answer: hours of two years, and a leap day */
const maxDays = 731
/** span when none is asked for */
const usualMs = 7 * dayMs

const trafficQuery = z.object({
  ...figureQueryShape,
  groupBy: z
    .enum(['sensor', 'road', 'direction', 'ward', 'district', 'none'])
    .default('sensor')
    .describe('by what counters are put together; direction: by road and direction'),
  window: windowOf(seriesWindows),
  freeFlow: z
    .enum(['meta', 'nights'])
    .default('meta')
    .describe(
      'free-flow speeds: what counters say of themselves and otherwise the 85th percentile of their nights, or that of all',
    ),
})

async function requestOf(
  parts: ServerParts,
  query: z.infer<typeof trafficQuery>,
): Promise<Omit<TrafficRequest, 'steps'>> {
  const { web, clock, sensors } = parts
  const { groupBy, window, freeFlow, ...question } = query
  const placements = await readPlacements(parts)
  const now = clock()
  const span = resolveFigureSpan(question, now, { usualMs, maxDays })
  const by = groupBy === 'direction' ? 'road' : groupBy
  const membership = resolveFigureGroups(question, trafficKind, {
    placements,
    places: placesOf(parts),
    groupBy: by,
    span,
  })
  const metaOf = (sensor: string) => sensors.get(sensor)?.meta
  const directed =
    groupBy === 'direction' ? splitByDirection(membership, (sensor) => metaOf(sensor)?.laneDirection) : membership
  if (window) checkBuckets(membership.groups.length, windowCounts(seriesWindows, window, span))
  return {
    ...{ ...span, window, freeFlow, zone: web.timeZone, now, membership: directed },
    factors: figureSettingsIn(parts).passengerCarUnits,
    nameOf: figureNames(parts),
    factsOf: (sensor) => {
      const { freeFlowSpeed, period, simulated = false } = metaOf(sensor) ?? {}
      return { isSimulated: simulated, freeFlowSpeed, period }
    },
  }
}

/** Official figures of traffic. */
export function trafficFiguresRoutes(app: ApiServer, parts: ServerParts): void {
  const { store } = parts
  app.get(
    '/api/v1/figures/traffic',
    {
      config: figureRouteConfig,
      schema: {
        operationId: 'getTrafficFigures',
        summary: 'Flows, peak hours, congestion, travel times and levels of service of traffic',
        description:
          'Of counters, or of all counters of a road, a direction, a ward or a district, over a span (by default the last 7 days) and in time buckets of it. Vehicles and passenger-car units (TCVN 4054) an hour; the mean weekday and weekend with their peak hours; congestion index (free-flow speed / mean speed), level of service (HCM 2010), travel-time and planning-time index of the peak hours of weekdays (FHWA), each with the free-flow speed that it stands on. A group’s flow is that of its mean counter. Hours and days are the city’s (`TIME_ZONE`). Of a span that is not over, what has passed.',
        tags: ['history'],
        querystring: trafficQuery,
        response: { 200: trafficFiguresResponse },
      },
    },
    (request) =>
      withProblems(async () => {
        const { query, queryContext } = request
        const asked = await requestOf(parts, query)
        const sensors = asked.membership.groups.flatMap((group) => group.sensors)
        const steps = await readReportingSteps(store, { sensors, to: asked.to }, queryContext)
        await waitForRoom(request, await weighTraffic(store, { ...asked, steps }))
        return answerTraffic(store, { ...asked, steps }, queryContext)
      }),
  )
}

import { z } from 'zod'
import { answerLighting, weighLighting } from '#history/figures/lighting/answer-lighting.ts'
import type { LightingRequest } from '#history/figures/lighting/lamp-request.ts'
import { lightingKind } from '#history/figures/lighting/read-lighting.ts'
import { readLampOrders } from '#history/figures/lighting/read-orders.ts'
import { resolveFigureGroups, resolveFigureSpan } from '#history/figures/resolve-figures.ts'
import { checkBuckets, windowCounts } from '#history/figures/weigh-figures.ts'
import { readReportingSteps } from '#storage/reporting-steps.ts'
import { dayMs } from '#telemetry/durations.ts'
import { lightingFiguresResponse, lightingWindows } from '#telemetry/figures/lighting-figures.ts'
import type { Position } from '#telemetry/position.ts'
import { figureQueryShape, groupByOf, windowOf } from '../figures/figure-parameters.ts'
import { figureNames, figureRouteConfig, figureSettingsIn, waitForRoom } from '../figures/figure-question.ts'
import { placesOf, readPlacements } from '../history/known-places.ts'
import { withProblems } from '../history/question-problems.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'

const maxDays = 3_660
/** span when none is asked for */
const usualMs = 7 * dayMs
/** readings of lamps without a measured power that are looked at in one answer */
const maxStateReadings = 500_000

const lightingQuery = z.object({
  ...figureQueryShape,
  groupBy: groupByOf('lamps'),
  window: windowOf(lightingWindows),
  edges: z
    .enum(['sun', 'hours'])
    .default('sun')
    .describe('night and day by the sun, or the whole hours (UTC) within them, which many lamps over years need'),
})

/** Where the sun is looked at for the lamps of a district: at its centre, or where one of them stands. */
function positionReader({ districts, sensors }: ServerParts): (district: string) => Position {
  return (district) => {
    const [lamp] = sensors.list({ kinds: [lightingKind], districts: [district] })
    return districts.find(({ id }) => id === district)?.centre ?? lamp?.meta?.position ?? [0, 0]
  }
}

type Asked = Omit<LightingRequest, 'steps' | 'orders'>

async function requestOf(parts: ServerParts, query: z.infer<typeof lightingQuery>): Promise<Asked> {
  const { web, clock, sensors } = parts
  const { groupBy, window, edges, ...question } = query
  const placements = await readPlacements(parts)
  const now = clock()
  const span = resolveFigureSpan(question, now, { usualMs, maxDays })
  const membership = resolveFigureGroups(question, lightingKind, { placements, places: placesOf(parts), groupBy, span })
  if (window) checkBuckets(membership.groups.length, windowCounts(lightingWindows, window, span))
  const { dimmings, ratedHours } = figureSettingsIn(parts)
  return {
    ...{ ...span, window, edges, zone: web.timeZone, now, membership, dimmings, ratedHours },
    nameOf: figureNames(parts),
    factsOf: (sensor) => {
      const { meta, reading, district } = sensors.get(sensor) ?? {}
      const values = reading?.kind === lightingKind ? reading.values : {}
      return {
        isSimulated: meta?.simulated ?? false,
        nominalPower: meta?.nominalPower,
        ratedHours: meta?.ratedLife ?? ratedHours,
        place: district ?? placements.get(sensor)?.at(-1)?.district ?? '',
        measuresPower: 'activePower' in values || !('powerState' in values),
      }
    },
    positionOf: positionReader(parts),
    mostReadings: maxStateReadings,
  }
}

/** Official figures of lighting. */
export function lightingFiguresRoutes(app: ApiServer, parts: ServerParts): void {
  const { store } = parts
  app.get(
    '/api/v1/figures/lighting',
    {
      config: figureRouteConfig,
      schema: {
        operationId: 'getLightingFigures',
        summary: 'Energy against plan, dark hours, burning by day, availability, failures and lives of lamps',
        description:
          'Of lamps, or of all lamps of a road, ward or district, over a span (by default the last 7 days) and night by night, or in weeks, months and years. Energy is what meters grew by, resets understood; the plan is nominal power from sunset to sunrise, dimmed as the installation says (`LAMP_DIMMING`). A lamp is dark when it takes no more than 5 % of its nominal power while the sun is 6° below the horizon, and burns by day when it takes more while the sun is 6° above it; what somebody ordered is counted apart, what nobody measured not at all. Failures are alerts that a lamp reports a fault or is dark, those of one lamp night after night once, from raising to clearing. The sun is that at the centre of the district.',
        tags: ['history'],
        querystring: lightingQuery,
        response: { 200: lightingFiguresResponse },
      },
    },
    (request) =>
      withProblems(async () => {
        const { query, queryContext } = request
        const asked = await requestOf(parts, query)
        const sensors = asked.membership.groups.flatMap((group) => group.sensors)
        const steps = await readReportingSteps(store, { sensors, to: asked.to }, queryContext)
        const orders = await readLampOrders(store, asked, queryContext)
        const whole = { ...asked, steps, orders }
        await waitForRoom(request, await weighLighting(store, whole))
        return answerLighting(store, whole, queryContext)
      }),
  )
}

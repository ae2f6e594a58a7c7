import type { FastifyRequest } from 'fastify'
import { type HourGrid, hourGrid } from '#history/figures/hour-grid.ts'
import {
  type HourlyFiguresAsked,
  type HourlyFiguresQuestion,
  planHourlyFigures,
} from '#history/figures/plan-hourly-figures.ts'
import { type WeighedParts, weighHourlyFigures } from '#history/figures/weigh-hourly-figures.ts'
import { spanOf } from '#history/time-buckets.ts'
import { placesOf, sensorsStillRead } from '../history/known-places.ts'
import { withProblems } from '../history/question-problems.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { figureNames, figureRouteConfig, waitForRoom } from './figure-question.ts'

/** What the routes of air and water say of themselves: years of hours of many stations take longer than other figures. */
export const hourlyFiguresConfig = { ...figureRouteConfig, longestMs: 60_000 }

/** A question about air or water, what its figures stand on, and how many hours before its span they look at. */
export interface PreparedQuestion extends HourlyFiguresQuestion, WeighedParts {
  leadHours: number
}

/** Checks and weighs a question, and waits until there is room for it. @throws ApiProblem */
export function prepareHourlyFigures(
  parts: ServerParts,
  request: Pick<FastifyRequest, 'changeQueryCost'>,
  { leadHours, ...question }: PreparedQuestion,
): Promise<HourlyFiguresAsked & { grid: HourGrid }> {
  const { isSeeded, web, clock, store } = parts
  return withProblems(async () => {
    // gauges must have said their warning levels: where sensors stood is not enough, as it is of other figures
    if (!isSeeded()) throw sensorsStillRead()
    const placements = await parts.placements.read()
    const plan = planHourlyFigures(question, {
      ...{ placements, places: placesOf(parts), zone: web.timeZone, now: clock() },
    })
    const grid = hourGrid(plan.zone, spanOf(plan.windows), leadHours, plan.now)
    await waitForRoom(request, await weighHourlyFigures(store, plan, grid, question))
    return { ...plan, grid, nameOf: figureNames(parts) }
  })
}

/** What stands in every answer. */
export function hourlyFiguresHead(
  { zone, window, windows }: HourlyFiguresAsked,
  { groupBy }: Pick<HourlyFiguresQuestion, 'groupBy'>,
) {
  return { ...spanOf(windows), tz: zone, window, groupBy }
}

import type { FastifyRequest } from 'fastify'
import { type HourGrid, hourGrid } from '#history/figures/hour-grid.ts'
import { type HourlyFiguresAsked, spanOf } from '#history/figures/official-figures.ts'
import { type HourlyFiguresQuestion, planHourlyFigures } from '#history/figures/plan-hourly-figures.ts'
import { type WeighedParts, weighHourlyFigures } from '#history/figures/weigh-hourly-figures.ts'
import { QuestionRefusal } from '#history/question/refusal.ts'
import type { Words } from '#telemetry/language.ts'
import { ApiProblem } from '../server/problems.ts'
import type { ServerParts } from '../server/route-parts.ts'

/** readings and roll-ups up to which figures cost so much */
const costs = [
  { upTo: 50_000, cost: 2 },
  { upTo: 500_000, cost: 4 },
]
const heaviest = 8

/** What both routes of official figures say of themselves. */
export const hourlyFiguresConfig = {
  ...{ right: 'see' as const, cost: 2, longestMs: 60_000 },
  errors: ['UNKNOWN_SENSOR', 'EMPTY_SPAN', 'TOO_MUCH_ASKED', 'STARTING'] as const,
}

/** A question about official figures, what they stand on, and how many hours before its span they look at. */
export interface PreparedQuestion extends HourlyFiguresQuestion, WeighedParts {
  leadHours: number
}

/** Checks and weighs a question, and waits until there is room for it. @throws ApiProblem */
export async function prepareHourlyFigures(
  parts: ServerParts,
  request: Pick<FastifyRequest, 'changeQueryCost'>,
  { leadHours, ...question }: PreparedQuestion,
): Promise<HourlyFiguresAsked & { grid: HourGrid }> {
  const { placements, isSeeded, web, clock, store, districts } = parts
  if (!isSeeded()) throw new ApiProblem('STARTING', { code: 'STILL_READ', params: { what: 'sensors' } })
  const known = await placements.read()
  try {
    const wards = districts.flatMap((district) => district.wards.map(({ id }) => id))
    const places = { districts: districts.map(({ id }) => id), wards }
    const plan = planHourlyFigures(question, { placements: known, places, zone: web.timeZone, now: clock() })
    const grid = hourGrid(plan.zone, spanOf(plan.windows), leadHours, plan.now)
    const weight = await weighHourlyFigures(store, plan, grid, question)
    await request.changeQueryCost(costs.find(({ upTo }) => weight <= upTo)?.cost ?? heaviest)
    return { ...plan, grid, nameOf: groupNames(parts) }
  } catch (error) {
    throw error instanceof QuestionRefusal ? new ApiProblem(error.code, error.fault) : error
  }
}

/** What sensors call themselves, and what wards and districts are called. */
function groupNames({ districts, sensors }: ServerParts): (group: string) => Words | undefined {
  const places = new Map(
    districts.flatMap((district) => [district, ...district.wards]).map(({ id, name }) => [id, name]),
  )
  return (group) => sensors.get(group)?.meta?.name ?? places.get(group)
}

/** What stands in every answer. */
export function hourlyFiguresHead(
  { zone, window, windows }: HourlyFiguresAsked,
  { groupBy }: Pick<HourlyFiguresQuestion, 'groupBy'>,
) {
  const { start, end } = spanOf(windows)
  return { from: start, to: end, tz: zone, window, groupBy }
}

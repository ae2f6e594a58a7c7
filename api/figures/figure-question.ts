import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { NameOf } from '#history/figures/groups-of-figures.ts'
import { QuestionRefusal } from '#history/question/refusal.ts'
import type { KnownPlaces } from '#history/question/resolve-question.ts'
import { defaultFigureSettings } from '#telemetry/figures/figure-settings.ts'
import { questionShape } from '#telemetry/history-question.ts'
import { several } from '../history/question-parameters.ts'
import { ApiProblem } from '../server/problems.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { timeParameter } from '../server/time-parameter.ts'

const { sensors, districts, wards, roads } = questionShape

/** Of whom and of when figures are asked for, as an address says it. */
export const figureQueryShape = {
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  sensors: several(sensors),
  districts: several(districts),
  wards: several(wards),
  roads: several(roads),
}

/** What routes of figures say of themselves beside what is their own. */
export const figureRouteConfig = {
  ...{ right: 'see' as const, cost: 2, longestMs: 30_000 },
  errors: ['UNKNOWN_SENSOR', 'EMPTY_SPAN', 'TOO_MUCH_ASKED'] as const,
}

/** readings and roll-ups up to which figures cost so much */
const costs = [
  { upTo: 50_000, cost: 2 },
  { upTo: 500_000, cost: 4 },
]
const heaviest = 8

/** Answers a question about figures; what cannot be answered becomes a problem that says what to ask instead. */
export async function withProblems<Answer>(answer: () => Promise<Answer>): Promise<Answer> {
  try {
    return await answer()
  } catch (error) {
    throw error instanceof QuestionRefusal ? new ApiProblem(error.code, error.fault) : error
  }
}

/** Waits until there is room for a question that looks at so many readings and roll-ups. */
export function waitForRoom(request: Pick<FastifyRequest, 'changeQueryCost'>, weight: number): Promise<void> {
  return request.changeQueryCost(costs.find(({ upTo }) => weight <= upTo)?.cost ?? heaviest)
}

/** Where sensors stood when, and what is known of them now. @throws ApiProblem while nothing is known yet */
export async function readPlacements({ placements, isSeeded }: ServerParts) {
  const known = await placements.read()
  if (!isSeeded() && known.size === 0)
    throw new ApiProblem('STARTING', { code: 'STILL_READ', params: { what: 'sensors' } })
  return known
}

/** The districts and wards of the city. */
export function placesOf({ districts }: ServerParts): KnownPlaces {
  return {
    districts: districts.map(({ id }) => id),
    wards: districts.flatMap(({ wards }) => wards.map(({ id }) => id)),
  }
}

/** What sensors call themselves, and what wards and districts are called. */
export function figureNames({ districts, sensors }: ServerParts): NameOf {
  const places = new Map(
    districts.flatMap((district) => [district, ...district.wards]).map(({ id, name }) => [id, name]),
  )
  return (group) => sensors.get(group)?.meta?.name ?? places.get(group)
}

/** What figures of this installation are reckoned with. */
export const figureSettingsIn = ({ figures }: ServerParts) => figures ?? defaultFigureSettings

/** A flag of an address. */
export const windowOf = <const Windows extends readonly [string, ...string[]]>(windows: Windows) =>
  z.enum(windows).optional().describe('length of the buckets of series; without it there are none')

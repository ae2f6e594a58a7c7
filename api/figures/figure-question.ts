import type { FastifyRequest } from 'fastify'
import type { NameOf } from '#history/figures/groups-of-figures.ts'
import { defaultFigureSettings } from '#telemetry/figures/figure-settings.ts'
import type { ServerParts } from '../server/route-parts.ts'

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

/** Waits until there is room for a question that looks at so many readings and roll-ups. */
export function waitForRoom(request: Pick<FastifyRequest, 'changeQueryCost'>, weight: number): Promise<void> {
  return request.changeQueryCost(costs.find(({ upTo }) => weight <= upTo)?.cost ?? heaviest)
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

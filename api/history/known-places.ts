import type { Placements } from '#history/placements.ts'
import type { KnownPlaces } from '#history/question/resolve-question.ts'
import { ApiProblem } from '../server/problems.ts'
import type { ServerParts } from '../server/route-parts.ts'

/** What questions are told until all sensors have been read. */
export const sensorsStillRead = () => new ApiProblem('STARTING', { code: 'STILL_READ', params: { what: 'sensors' } })

/** Where sensors stood when. @throws ApiProblem while nothing is known yet */
export async function readPlacements({ placements, isSeeded }: ServerParts): Promise<Placements> {
  const known = await placements.read()
  if (!isSeeded() && known.size === 0) throw sensorsStillRead()
  return known
}

/** The districts and wards of the city. */
export function placesOf({ districts }: Pick<ServerParts, 'districts'>): KnownPlaces {
  return {
    districts: districts.map(({ id }) => id),
    wards: districts.flatMap(({ wards }) => wards.map(({ id }) => id)),
  }
}

import { leadHours, mostRead, waterFigures } from '#history/figures/water/water-figures.ts'
import { type WarningLevels, waterFiguresResponse } from '#telemetry/figures/water-figures.ts'
import { waterLevel } from '#telemetry/kinds/water-level/kind.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import { hourlyFigureQuery } from '../figures/figure-parameters.ts'
import { hourlyFiguresConfig, hourlyFiguresHead, prepareHourlyFigures } from '../figures/hourly-figures.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'

const description =
  'Of each gauge: the highest level and when, for how long it was at or above báo động I, II and III, and how much it rose at most between two readings within 1, 3 and 24 hours. The warning levels are those that the gauge says of itself now (`gauges`). Levels are above the gauge’s own zero: of a ward or district, the peak is that of the gauge highest above its own báo động I, hours and rises are those of the gauge that had the most. A reading holds until the next, at most three times its reporting step. Of a span that is not over, hours that are. At most 20,000 buckets and 2,000,000 hours of gauges an answer; of long spans not every reading is looked at, and a rise that may have been larger says so (`atLeast`).'

function warningLevelsOf(meta: Partial<SensorMeta> | undefined): WarningLevels {
  const { warningLevel1, warningLevel2, warningLevel3 } = meta ?? {}
  return {
    ...(warningLevel1 === undefined ? {} : { 1: warningLevel1 }),
    ...(warningLevel2 === undefined ? {} : { 2: warningLevel2 }),
    ...(warningLevel3 === undefined ? {} : { 3: warningLevel3 }),
  }
}

/** Official figures of water: hours above báo động I, II, III, peak, rise. */
export function waterFiguresRoutes(app: ApiServer, parts: ServerParts): void {
  app.get(
    '/api/v1/figures/water-level',
    {
      config: hourlyFiguresConfig,
      schema: {
        operationId: 'getWaterLevelFigures',
        summary: 'Peak, rise and hours above báo động I, II and III, over time',
        description,
        tags: ['history'],
        querystring: hourlyFigureQuery,
        response: { 200: waterFiguresResponse },
      },
    },
    async (request) => {
      const { query } = request
      const question = { ...query, kind: waterLevel.id, values: ['level'] as const, leadHours, mostRead }
      const asked = await prepareHourlyFigures(parts, request, question)
      const levels = { warningLevelsOf: (sensor: string) => warningLevelsOf(parts.sensors.get(sensor)?.meta) }
      const figures = await waterFigures(parts.store, { ...asked, ...levels }, request.queryContext)
      return { ...hourlyFiguresHead(asked, query), ...figures }
    },
  )
}

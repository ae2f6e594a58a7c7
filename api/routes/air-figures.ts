import { airFigures, leadHours } from '#history/figures/air/air-figures.ts'
import { airFiguresResponse, airStandardSchema } from '#telemetry/figures/air-figures.ts'
import { airQuality } from '#telemetry/kinds/air-quality/kind.ts'
import { pollutants } from '#telemetry/vn-aqi.ts'
import { hourlyFigureQuery } from '../figures/figure-parameters.ts'
import { hourlyFiguresConfig, hourlyFiguresHead, prepareHourlyFigures } from '../figures/hourly-figures.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'

const description =
  'VN_AQI (Decision 1459/QĐ-TCMT) of each hour or day with all it is made of: each parameter’s concentration, sub-index and hours, the worst of them, and why there is none; days per band; and the means above the limits of QCVN 05:2023/BTNMT, or of WHO 2021, with when, for how long and by how much. An hour needs 75 % of its readings, a mean of 8 or 24 hours 75 % of its hours, a year 75 % of its days; limits of a year are judged with window=1y. An hour of a ward or district is the mean of the hourly means of the stations that stood there; `highest` names the station with the highest index of its own. Readings left out by their device or by a person do not count; corrected ones count as corrected (`excluded`, `corrected`). Of a span that is not over, hours and days that are. At most 20,000 buckets and 2,000,000 hourly means an answer.'

/** Official figures of air: VN_AQI, days per band, exceedances of limits. */
export function airFiguresRoutes(app: ApiServer, parts: ServerParts): void {
  app.get(
    '/api/v1/figures/air-quality',
    {
      config: hourlyFiguresConfig,
      schema: {
        operationId: 'getAirQualityFigures',
        summary: 'VN_AQI, days per band and exceedances of limits, over time',
        description,
        tags: ['history'],
        querystring: hourlyFigureQuery.extend({ standard: airStandardSchema.default('qcvn') }),
        response: { 200: airFiguresResponse },
      },
    },
    async (request) => {
      const { standard, ...query } = request.query
      const question = { ...query, kind: airQuality.id, values: pollutants, leadHours }
      const asked = await prepareHourlyFigures(parts, request, question)
      const figures = await airFigures(parts.store, { ...asked, standard }, request.queryContext)
      return { ...hourlyFiguresHead(asked, query), ...figures }
    },
  )
}

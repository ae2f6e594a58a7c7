import { z } from 'zod'
import { vnAqiResponse } from '#telemetry/vn-aqi-rest.ts'
import { HourlyVnAqi } from '../history/hourly-vn-aqi.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { timeParameter } from '../server/time-parameter.ts'

/** The hourly VN_AQI of every air-quality station. */
export function airQualityRoutes(app: ApiServer, parts: ServerParts): void {
  const hourly = new HourlyVnAqi(parts)
  app.get(
    '/api/v1/air-quality',
    {
      config: { right: 'see', cost: 4 },
      schema: {
        operationId: 'getAirQualityIndex',
        summary: 'Hourly VN_AQI of every station, with its sub-indices',
        description:
          'Decision 1459/QĐ-TCMT: Nowcast of the last 12 hourly means for PM10 and PM2.5, the last hour for gases. As of the last full hour of the city’s clock (`TIME_ZONE`) at or before `at` (default: now). A station without enough readings is among `without`, with the reason.',
        tags: ['sensors'],
        querystring: z.object({ at: timeParameter.optional() }),
        response: { 200: vnAqiResponse },
      },
    },
    async ({ query }) => hourly.at(query.at ?? parts.clock()),
  )
}

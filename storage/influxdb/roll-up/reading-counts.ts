import type { Kind } from '#telemetry/kinds.ts'
import type { Span } from '../../roll-up/spans.ts'
import { slowTimeoutMs } from '../connection.ts'
import { timeText } from '../influxql.ts'
import { totalOf } from '../reading-queries.ts'
import type { InfluxSession } from '../session.ts'
import { partsOf, sensorCondition, sensorsOfQuery } from './sensor-condition.ts'

/** How many readings these sensors have in some spans. */
export async function countReadings(
  session: InfluxSession,
  kind: Kind,
  sensors: readonly string[],
  spans: readonly Span[],
): Promise<number> {
  let total = 0
  for (const part of partsOf(sensors, sensorsOfQuery))
    for (const { from, to } of spans) {
      const { text, params } = sensorCondition(part)
      const query = {
        text: `SELECT count("seq") FROM "${kind}" WHERE time >= $from AND time < $to AND ${text}`,
        params: { ...params, from: timeText(from), to: timeText(to) },
      }
      total += totalOf(await session.query(query, undefined, { timeoutMs: slowTimeoutMs }))
    }
  return total
}

import { dayMs, hourMs } from '#telemetry/durations.ts'
import { phaseOf } from '../../bucket-phase.ts'
import type { QueryContext } from '../../query-context.ts'
import type { Buckets } from '../../roll-up/pieces.ts'
import type { Span } from '../../roll-up/spans.ts'
import type { RollUp } from '../../roll-ups.ts'
import { slowTimeoutMs } from '../connection.ts'
import { timeText, wholeNumber } from '../influxql.ts'
import type { InfluxSession } from '../session.ts'
import { fieldOf, rollUpOf, sumColumnsOf } from './roll-up-fields.ts'
import { partsOf, sensorCondition, sensorsOfQuery } from './sensor-condition.ts'

/** Times that follow one another: each `window` ms long, one of them begins at `origin` (epoch ms). */
export interface Grid {
  window: number
  origin: number
}

/** The grid of buckets that are all of one length; undefined when they are not. */
export function gridOfBuckets({ edges, from }: Buckets): Grid | undefined {
  const window = (edges[1] ?? from) - from
  return edges.every((edge, at) => edge === from + at * window) ? { window, origin: from } : undefined
}

/** The grid that days lie on; undefined where clocks change, which makes one longer or shorter. */
export function gridOfDays(days: readonly Span[]): Grid | undefined {
  const origin = days[0]?.from ?? 0
  const isPlain = days.every(({ from, to }) => to - from === dayMs && (from - origin) % dayMs === 0)
  return isPlain ? { window: dayMs, origin } : undefined
}

/** The grid of hours. */
export const gridOfHours: Grid = { window: hourMs, origin: 0 }

/**
 * What the rows of many sensors add up to in each time of a grid, without first, last and increase: one query for 200 sensors and each
 * span, however many rows they have.
 */
export async function readGroupedSums(
  session: InfluxSession,
  asked: { measurement: string; value: string; sensors: readonly string[]; spans: readonly Span[]; grid: Grid },
  context?: QueryContext,
): Promise<{ start: number; rollUp: RollUp }[]> {
  const { measurement, value, sensors, spans, grid } = asked
  const found: { start: number; rollUp: RollUp }[] = []
  const window = `${wholeNumber('window', grid.window)}ms, ${phaseOf(grid.origin, grid.window)}ms`
  for (const part of partsOf(sensors, sensorsOfQuery))
    for (const { from, to } of spans) {
      const { text, params } = sensorCondition(part)
      const query = {
        text: `SELECT ${sumColumnsOf(value)} FROM "${measurement}" WHERE time >= $from AND time < $to AND ${text} GROUP BY time(${window}) fill(none)`,
        params: { ...params, from: timeText(from), to: timeText(to) },
      }
      for (const { columns, values } of await session.query(query, context, { timeoutMs: slowTimeoutMs })) {
        const indexOf = new Map(columns.map((column, at) => [column, at]))
        for (const row of values) {
          const rollUp = rollUpOf((name) => {
            const whole = row[indexOf.get(fieldOf(value, name)) ?? -1]
            return typeof whole === 'number' ? whole : undefined
          })
          if (rollUp) found.push({ start: Number(row[0]), rollUp })
        }
      }
    }
  return found
}

import type { QueryContext } from '../../query-context.ts'
import type { Span } from '../../roll-up/spans.ts'
import type { RollUp } from '../../roll-ups.ts'
import { slowTimeoutMs } from '../connection.ts'
import { type InfluxQuery, timeText } from '../influxql.ts'
import { bodiesOf } from '../line-protocol.ts'
import type { Series } from '../query-response.ts'
import type { InfluxSession } from '../session.ts'
import { writeInAcceptedParts } from '../split-writes.ts'
import type { RollUpRow } from './hour-rows.ts'
import { columnsOf, fieldOf, fieldsOf, rollUpOf } from './roll-up-fields.ts'
import { partsOf, sensorCondition, sensorsOfQuery } from './sensor-condition.ts'

/** One value's roll-up in a row. */
export interface ValueRow {
  sensor: string
  start: number
  rollUp: RollUp
}

/** Writes rows in the place of those of the same sensors and times. */
export async function writeRows(
  session: InfluxSession,
  measurement: string,
  rows: readonly RollUpRow[],
): Promise<void> {
  const lines = rows.map(({ sensor, start, values }) => {
    const fields = [...values].map(([value, rollUp]) => fieldsOf(value, rollUp))
    return `${measurement},sensor=${sensor} ${fields.join(',')} ${start}`
  })
  await session.write([measurement], (connection) =>
    writeInAcceptedParts(lines, async (part) => {
      for (const body of bodiesOf(part)) await connection.write(body, 'ms')
    }),
  )
}

/** Reads rows of one value that begin in some spans, in order of time for each sensor. */
export async function readRows(
  session: InfluxSession,
  { sensors, spans, ...which }: RowsQuery,
  context?: QueryContext,
): Promise<ValueRow[]> {
  const found: ValueRow[] = []
  for (const part of sensors ? partsOf(sensors, sensorsOfQuery) : [undefined])
    for (const span of spans) {
      const series = await session.query(rowsQuery(which, part, span), context, { timeoutMs: slowTimeoutMs })
      for (const one of series) for (const row of rowsOf(one, which.value)) found.push(row)
    }
  return found
}

/** Which rows to read. */
interface RowsQuery {
  measurement: string
  value: string
  /** all when absent */
  sensors?: readonly string[]
  spans: readonly Span[]
  /** false: without `first`, `last` and `increase` */
  ends?: boolean
}

function rowsQuery(
  { measurement, value, ends = true }: Omit<RowsQuery, 'sensors' | 'spans'>,
  sensors: readonly string[] | undefined,
  { from, to }: Span,
): InfluxQuery {
  const whom = sensors && sensorCondition(sensors)
  return {
    text: `SELECT ${columnsOf(value, ends)} FROM "${measurement}" WHERE time >= $from AND time < $to${whom ? ` AND ${whom.text}` : ''} GROUP BY "sensor"`,
    params: { ...whom?.params, from: timeText(from), to: timeText(to) },
  }
}

function rowsOf({ tags, columns, values }: Series, value: string): ValueRow[] {
  const indexOf = new Map(columns.map((column, at) => [column, at]))
  return values.flatMap((row) => {
    const read = (part: string) => {
      const whole = row[indexOf.get(fieldOf(value, part)) ?? -1]
      return typeof whole === 'number' ? whole : undefined
    }
    const rollUp = rollUpOf(read)
    return rollUp ? [{ sensor: tags?.sensor ?? '', start: Number(row[0]), rollUp }] : []
  })
}

/** Reads, of each sensor, the last row of one value of which a reading counts. */
export async function readLastRows(
  session: InfluxSession,
  { sensors, span, ...which }: Omit<RowsQuery, 'spans'> & { span: Span },
  context?: QueryContext,
): Promise<ValueRow[]> {
  const found: ValueRow[] = []
  for (const part of sensors ? partsOf(sensors, sensorsOfQuery) : [undefined]) {
    const { text, params } = rowsQuery(which, part, span)
    const counted = text.replace(' GROUP BY', ` AND "${fieldOf(which.value, 'count')}" > 0 GROUP BY`)
    const last = { text: `${counted} ORDER BY time DESC LIMIT 1`, params: params ?? {} }
    const series = await session.query(last, context, { timeoutMs: slowTimeoutMs })
    found.push(...series.flatMap((one) => rowsOf(one, which.value)))
  }
  return found
}

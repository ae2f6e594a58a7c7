import type { Kind } from '#telemetry/kinds.ts'
import type { ValuesQuery } from '../newest-values.ts'
import { type InfluxQuery, timeText } from './influxql.ts'
import { checkedValue, fieldsOf } from './reading-influxql.ts'
import { noSeq } from './schema.ts'

// readings of a clock that was ahead are never the newest
const clockRight = `"seq" >= ${noSeq}`
const clockAhead = `"seq" < ${noSeq}`

/** Column `value`: the id of every sensor of a kind. Answered from the index alone. */
export function sensorsQuery(kind: Kind): InfluxQuery {
  return { text: `SHOW TAG VALUES FROM "${kind}" WITH KEY = "sensor"` }
}

/** A series per sensor and district that has points from `from` on, with the newest of them. */
export function recentNewestQuery(kind: Kind, from: number): InfluxQuery {
  return {
    text: `SELECT ${fieldsOf(kind)} FROM "${kind}" WHERE time >= $from AND ${clockRight} GROUP BY "sensor", "district" ORDER BY time DESC LIMIT 1`,
    params: { from: timeText(from) },
  }
}

/** The same of some sensors. */
export function newestQuery(kind: Kind, sensors: readonly string[], from: number): InfluxQuery {
  const these = sensors.map((_, at) => `"sensor" = $s${at}`).join(' OR ')
  return {
    text: `SELECT ${fieldsOf(kind)} FROM "${kind}" WHERE (${these}) AND time >= $from AND ${clockRight} GROUP BY "sensor", "district" ORDER BY time DESC LIMIT 1`,
    params: { from: timeText(from), ...Object.fromEntries(sensors.map((sensor, at) => [`s${at}`, sensor])) },
  }
}

/**
 * A series per value, sensor and district with the columns `time`, the value's name and `states`: the newest of each in a span.
 * @throws RangeError when the kind has no such value
 */
export function newestValuesQuery({ kind, values, from, to }: ValuesQuery): InfluxQuery {
  const statements = values.map((value) => {
    const { name } = checkedValue(kind, value)
    return `SELECT last("${name}") AS "${name}", "states" FROM "${kind}" WHERE time >= $from AND time < $to AND ${clockRight} GROUP BY "sensor", "district"`
  })
  return { text: statements.join('; '), params: { from: timeText(from), to: timeText(to) } }
}

/** A series per sensor and district with its newest point in a span, of clocks that were right, or of those that were ahead. */
export function newestInSpanQuery(
  { kind, from, to }: { kind: Kind; from: number; to: number },
  clocks: 'right' | 'ahead' = 'right',
): InfluxQuery {
  const wanted = clocks === 'right' ? clockRight : clockAhead
  return {
    text: `SELECT ${fieldsOf(kind)} FROM "${kind}" WHERE time >= $from AND time < $to AND ${wanted} GROUP BY "sensor", "district" ORDER BY time DESC LIMIT 1`,
    params: { from: timeText(from), to: timeText(to) },
  }
}

import { BIGINT, type DuckDBConnection } from '@duckdb/node-api'
import { hourMs } from '#telemetry/durations.ts'
import { floorHour } from '../../roll-up/utc-hours.ts'
import { appendColumns } from '../append-columns.ts'

/** SQL for the buckets of a question. */
export interface BucketsSql {
  /** join that finds the bucket of a time */
  join(ts: string): string
  /** where the bucket of a time begins and ends, epoch ms */
  start(ts: string): string
  end(ts: string): string
}

/** SQL that finds the bucket of a time: by arithmetic when all are equally long, in a temporary table otherwise. To be called within a transaction. */
export async function makeBuckets(connection: DuckDBConnection, edges: readonly number[]): Promise<BucketsSql> {
  const [first = 0, second = 0] = edges
  const length = second - first
  if (edges.every((edge, index) => edge === first + index * length)) {
    const start = (ts: string) => `(${first} + (${ts} - ${first}) // ${length}::BIGINT * ${length})::BIGINT`
    return { join: () => '', start, end: (ts) => `(${start(ts)} + ${length}::BIGINT)` }
  }
  // a join of equal hours is a hash join; one of ranges alone compares every row with every bucket
  await connection.run('CREATE TEMP TABLE buckets (hour BIGINT, "start" BIGINT, "end" BIGINT)')
  const [hours, starts, ends]: [bigint[], bigint[], bigint[]] = [[], [], []]
  for (const [index, end] of edges.slice(1).entries()) {
    const start = edges[index] ?? end
    for (let hour = floorHour(start); hour < end; hour += hourMs) {
      hours.push(BigInt(hour))
      starts.push(BigInt(start))
      ends.push(BigInt(end))
    }
  }
  await appendColumns(connection, 'buckets', [BIGINT, BIGINT, BIGINT], [hours, starts, ends])
  return {
    join: (ts) =>
      `LEFT JOIN buckets ON ${ts} - ${ts} % ${hourMs} = buckets.hour AND ${ts} >= buckets."start" AND ${ts} < buckets."end"`,
    start: () => 'buckets."start"',
    end: () => 'buckets."end"',
  }
}

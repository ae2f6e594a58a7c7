import { BIGINT, type DuckDBConnection } from '@duckdb/node-api'
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
  await connection.run('CREATE TEMP TABLE buckets ("start" BIGINT, "end" BIGINT)')
  const times = edges.map(BigInt)
  await appendColumns(connection, 'buckets', [BIGINT, BIGINT], [times.slice(0, -1), times.slice(1)])
  return {
    join: (ts) => `ASOF LEFT JOIN buckets ON ${ts} >= buckets."start"`,
    start: () => 'buckets."start"',
    end: () => 'buckets."end"',
  }
}

import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { QueryContext } from '../../query-context.ts'
import { fromSteps } from '../../roll-up/steps.ts'
import { exclusions, type RollUpCell, type RollUpQuery, type RollUpStorage } from '../../roll-ups.ts'
import type { BackgroundMigration } from '../background-migration.ts'
import type { Database, Row } from '../database.ts'
import { readAbove } from './above.ts'
import { cellsSql } from './cells-sql.ts'
import { readPercentiles } from './percentiles.ts'
import { checkQuestion, type DaysOfStore, makeQuestion, planQuestion } from './question.ts'
import { weigh } from './weigh.ts'

/** How roll-ups are read from DuckDB: each question of one state of the tables. */
export function rollUpQueries(
  database: Database,
  migration: BackgroundMigration,
  days: DaysOfStore,
): Pick<RollUpStorage, 'rollUps' | 'percentiles' | 'above' | 'weigh'> {
  const ask = <Query extends RollUpQuery, Answer>(
    query: Query,
    read: (connection: DuckDBConnection, query: Query, days: DaysOfStore) => Promise<Answer>,
    context?: QueryContext,
  ): Promise<Answer> => {
    const ready = (signal: AbortSignal) => migration.done(signal)
    return database.snapshot((connection) => read(connection, query, days), context, ready)
  }
  return {
    async rollUps(query, context) {
      checkQuestion(query)
      return ask(query, readCells, context)
    },
    async percentiles(query, context) {
      checkQuestion(query)
      return ask(query, readPercentiles, context)
    },
    async above(query, context) {
      checkQuestion(query)
      return ask(query, readAbove, context)
    },
    async weigh(query) {
      checkQuestion(query)
      return ask(query, weigh)
    },
  }
}

async function readCells(connection: DuckDBConnection, query: RollUpQuery, days: DaysOfStore): Promise<RollUpCell[]> {
  const { ends = true, weights = true } = query
  const pieces = await planQuestion(connection, query, days, { hasIncrease: ends })
  if (pieces.length === 0) return []
  const { sql, scanned, values } = await makeQuestion(connection, query, pieces)
  const rows = await connection.runAndReadAll(cellsSql(sql, scanned, { ends, weights }), values)
  return rows.getRowObjects().map(cellOf)
}

/** A row of {@link cellsSql}. */
function cellOf(row: Row): RollUpCell {
  const excluded = exclusions.filter((why) => Number(row[why]) > 0).map((why) => [why, Number(row[why])])
  const [min, max] = [stepsOf(row.min), stepsOf(row.max)]
  const [first, last] = [pointOf(row.first_ts, row.first), pointOf(row.last_ts, row.last)]
  return {
    ...{ group: Number(row.grp), start: Number(row.bucket), count: Number(row.count) },
    ...{ sum: bigintOf(row.sum), sumOfSquares: bigintOf(row.squares), weighted: bigintOf(row.weighted) },
    ...{ coveredMs: Number(row.covered), increase: bigintOf(row.increase) },
    ...{ excluded: Object.fromEntries(excluded), corrected: Number(row.corrected) },
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(first && { first }),
    ...(last && { last }),
  }
}

type Cell = DuckDBValue | undefined

const bigintOf = (found: Cell) => (typeof found === 'bigint' ? found : 0n)
const stepsOf = (found: Cell) => (typeof found === 'bigint' ? fromSteps(found) : undefined)

function pointOf(ts: Cell, steps: Cell) {
  const value = stepsOf(steps)
  return value === undefined ? undefined : { ts: Number(ts), value }
}

import { BIGINT, type DuckDBConnection, INTEGER, VARCHAR } from '@duckdb/node-api'
import { dayMs } from '#telemetry/durations.ts'
import { stalePeriods } from '#telemetry/period.ts'
import type { ReportingSteps } from '../../reporting-steps.ts'
import { boundsOf, type Span } from '../../roll-up/spans.ts'
import { appendColumns } from '../append-columns.ts'

/** longest that a reading may hold: three of the longest periods there are, of a day */
const maxHoldMs = 3 * dayMs

/** A span of a sensor's readings, in order and with those before it that hold into it. */
export interface ReadingsSpan extends Span {
  sensor: string
  member?: number
  group?: number
}

/** For how long (ms) some reading of a sensor may hold beyond this time. */
function longestHoldBefore(steps: ReportingSteps, sensor: string, ts: number): number {
  const stretches = steps.stretches(sensor, ts - maxHoldMs, ts)
  return stalePeriods * Math.max(...stretches.map(({ stepMs }) => stepMs))
}

const bigints = (values: readonly number[]) => values.map((value) => BigInt(Math.round(value)))

/**
 * Makes the temporary tables `spans` (`id`, `member`, `grp`, `sensor`, `from`, `to`, and `scan`: from when on readings may hold
 * into the span) and `holds` (for how many ms a reading of a sensor holds, from when to when). Answers between which times readings are to be looked at. To be called within a
 * transaction.
 */
export async function makeSpanTables(
  connection: DuckDBConnection,
  spans: readonly ReadingsSpan[],
  steps: ReportingSteps,
): Promise<Span> {
  await connection.run(
    'CREATE TEMP TABLE spans (id INTEGER, member INTEGER, grp INTEGER, sensor VARCHAR, "from" BIGINT, "to" BIGINT, scan BIGINT)',
  )
  await connection.run('CREATE TEMP TABLE holds (sensor VARCHAR, "from" BIGINT, "to" BIGINT, hold BIGINT)')
  const scans = spans.map(({ sensor, from }) => from - longestHoldBefore(steps, sensor, from))
  await appendColumns(
    connection,
    'spans',
    [INTEGER, INTEGER, INTEGER, VARCHAR, BIGINT, BIGINT, BIGINT],
    [
      ...[spans.map((_, id) => id), spans.map(({ member = 0 }) => member), spans.map(({ group }) => group ?? null)],
      ...[
        spans.map(({ sensor }) => sensor),
        bigints(spans.map(({ from }) => from)),
        bigints(spans.map(({ to }) => to)),
      ],
      bigints(scans),
    ],
  )
  const bySensor = new Map<string, Span>()
  for (const [index, { sensor, to }] of spans.entries()) {
    const [from, known] = [scans[index] ?? to, bySensor.get(sensor)]
    bySensor.set(sensor, { from: Math.min(known?.from ?? from, from), to: Math.max(known?.to ?? to, to) })
  }
  const holds = [...bySensor].flatMap(([sensor, { from, to }]) =>
    steps.stretches(sensor, from, to).map((stretch) => ({ sensor, ...stretch })),
  )
  await appendColumns(
    connection,
    'holds',
    [VARCHAR, BIGINT, BIGINT, BIGINT],
    [
      ...[
        holds.map(({ sensor }) => sensor),
        bigints(holds.map(({ from }) => from)),
        bigints(holds.map(({ to }) => to)),
      ],
      bigints(holds.map(({ stepMs }) => stalePeriods * stepMs)),
    ],
  )
  return boundsOf([...bySensor.values()])
}

import type { Kind } from '#telemetry/kinds.ts'
import { numberNames } from '#telemetry/numbers-of-kind.ts'
import { RollUpSum } from '../../roll-up/roll-up-sum.ts'
import { increaseBetween, toSteps } from '../../roll-up/steps.ts'
import { isWholeHour } from '../../roll-up/utc-hours.ts'
import type { RollUp } from '../../roll-ups.ts'
import type { InfluxSession } from '../session.ts'
import type { RollUpRow } from './hour-rows.ts'
import { daysOf, hoursOf } from './measurements.ts'
import { readRows, type ValueRow, writeRows } from './roll-up-rows.ts'

/** Puts rows of one sensor and value that follow one another together; a counter grew between them too. */
function uniteRows(rows: readonly ValueRow[]): RollUp {
  const sum = new RollUpSum()
  let last: number | undefined
  for (const { rollUp } of rows) {
    sum.add(rollUp)
    if (!rollUp.first || !rollUp.last) continue
    if (last !== undefined) sum.grow(increaseBetween(last, toSteps(rollUp.first.value)))
    last = toSteps(rollUp.last.value)
  }
  return sum.total
}

/** Rolls up a day (epoch ms, whole hours) of these sensors, or of all of a kind, from its hours. */
export async function rollUpDay(
  session: InfluxSession,
  kind: Kind,
  day: { from: number; to: number },
  sensors?: readonly string[],
): Promise<void> {
  if (!isWholeHour(day.from) || !isWholeHour(day.to)) return
  const rows = new Map<string, Map<string, RollUp>>()
  for (const value of numberNames[kind]) {
    const whom = sensors === undefined ? {} : { sensors }
    const hours = await readRows(session, { measurement: hoursOf(kind), value, spans: [day], ...whom })
    for (const [sensor, own] of bySensor(hours)) {
      const row = rows.get(sensor) ?? new Map<string, RollUp>()
      rows.set(sensor, row.set(value, uniteRows(own)))
    }
  }
  const written: RollUpRow[] = [...rows].map(([sensor, values]) => ({ sensor, start: day.from, values }))
  await writeRows(session, daysOf(kind), written)
}

/** The rows of each sensor. */
export function bySensor<Row extends { sensor: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>()
  for (const row of rows) {
    const known = found.get(row.sensor)
    if (known) known.push(row)
    else found.set(row.sensor, [row])
  }
  return found
}

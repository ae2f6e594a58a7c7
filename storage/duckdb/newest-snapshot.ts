import type { Kind } from '#telemetry/kinds.ts'
import type { NewestReading } from '#telemetry/reading.ts'
import { newerReading } from '../newer-reading.ts'
import type { StoredReadings } from '../stored-readings.ts'
import type { Row } from './database.ts'
import { type Ask, newestInSpan } from './newest-in-span.ts'
import { changedRowsSql, readSnapshotSql } from './newest-snapshot-sql.ts'
import { unpackedRow } from './reading-sql.ts'

/** later than any reading, epoch ms */
const never = 2 ** 52

/** The newest reading of each sensor of a kind, among those measured before `cut` (epoch ms). */
interface Snapshot {
  cut: number
  readings: NewestReading[]
  /** whether something was written since to times before the cut */
  isChanged: boolean
}

/**
 * The newest reading of each sensor of a kind with `ts < to` (epoch ms; all when absent): the snapshot, what was written since
 * to times before its cut, and all readings from its cut on. Undefined when there is no snapshot that holds. `ask` must see one
 * state of the file all the while.
 */
export async function newestBySnapshot(
  kind: Kind,
  { ask, stored, to = never }: { ask: Ask; stored: StoredReadings; to?: number },
): Promise<NewestReading[] | undefined> {
  const snapshot = await readSnapshot(kind, ask)
  if (!snapshot) return undefined
  const since = to > snapshot.cut ? await newestInSpan({ kind, from: snapshot.cut, to }, { ask, stored }) : []
  if (!snapshot.isChanged && since.length === 0) return snapshot.readings
  const newest = new Map(snapshot.readings.map((reading) => [reading.sensor, reading]))
  const add = (readings: readonly NewestReading[]) => {
    for (const reading of readings) newest.set(reading.sensor, newerReading(newest.get(reading.sensor), reading))
  }
  const rows = snapshot.isChanged ? await ask(changedRowsSql(kind), { kind }) : []
  const { readings, doubtful } = changesIn(kind, newest, { rows, stored })
  add(readings)
  if (doubtful.size > 0) {
    for (const sensor of doubtful) newest.delete(sensor)
    const anew = await newestInSpan({ kind, from: 0, to: snapshot.cut }, { ask, stored })
    add(anew.filter(({ sensor }) => doubtful.has(sensor)))
  }
  add(since)
  return [...newest.values()]
}

/** The snapshot of a kind as it was made, without what was deleted since. */
export async function readSnapshot(kind: Kind, ask: Ask): Promise<Snapshot | undefined> {
  const [row] = await ask(readSnapshotSql(kind), { kind })
  if (!row?.isTrue || typeof row.readings !== 'string') return undefined
  const readings: NewestReading[] = JSON.parse(row.readings) // written by this room alone
  const [cut, kept] = [Number(row.cut), Number(row.kept)]
  return {
    cut,
    readings: kept === 0 ? readings : readings.flatMap((each) => keptPart(each, kept)),
    isChanged: row.changes !== 0,
  }
}

/** What is left of a newest reading once all before `kept` (epoch ms) is deleted. */
function keptPart(reading: NewestReading, kept: number): NewestReading[] {
  if (reading.ts < kept) return []
  const gone = Object.entries(reading.valueTimes ?? {}).filter(([, ts]) => ts < kept)
  if (gone.length === 0) return [reading]
  const without = (held: object) => {
    const left = Object.entries(held).filter(([name]) => !gone.some(([each]) => each === name))
    return Object.fromEntries(left)
  }
  const { valueTimes = {}, states = {}, ...rest } = reading
  const times = without(valueTimes)
  const older = Object.keys(times).length > 0 ? { valueTimes: times } : {}
  const saidStates = without(states)
  const said = Object.keys(saidStates).length > 0 ? { states: saidStates } : {}
  return [{ ...rest, ...older, ...said, values: without(reading.values) } as NewestReading] // fewer values of the same kind
}

/** The rows that were written to times before the cut, and the sensors whose snapshot holds values of a row that counts no more. */
function changesIn(
  kind: Kind,
  newest: ReadonlyMap<string, NewestReading>,
  { rows, stored }: { rows: readonly Row[]; stored: StoredReadings },
): { readings: NewestReading[]; doubtful: Set<string> } {
  const readings: NewestReading[] = []
  const doubtful = new Set<string>()
  for (const { changedSensor, changedAt, ...row } of rows) {
    const counts = row.sensor !== null && row.aheadMs === null
    const reading = counts ? stored.readingOf(unpackedRow(kind, row)) : undefined
    if (reading) readings.push(reading)
    else if (holdsTime(newest.get(String(changedSensor)), Number(changedAt))) doubtful.add(String(changedSensor))
  }
  return { readings, doubtful }
}

function holdsTime(reading: NewestReading | undefined, ts: number): boolean {
  return reading?.ts === ts || Object.values(reading?.valueTimes ?? {}).includes(ts)
}

import type { DuckDBConnection } from '@duckdb/node-api'
import pLimit from 'p-limit'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import { kinds } from '#telemetry/kinds.ts'
import { putSegments } from '../../roll-up/correction-segments.ts'
import type { LocalDays } from '../../roll-up/local-days.ts'
import type { RollUpStorage, SensorCorrections, UpkeepState, UpkeepStep } from '../../roll-ups.ts'
import type { BackgroundMigration } from '../background-migration.ts'
import type { Database } from '../database.ts'
import { putDocumentOn } from '../document-storage.ts'
import { type ComputedHours, computeHours } from './compute-hours.ts'
import type { DirtyHours } from './dirty-hours.ts'
import { type Progress, readProgress, writeProgress } from './progress.ts'
import type { DaysOfStore } from './question.ts'
import { boundsOf } from './question-tables.ts'
import { replaceDays, replaceHours } from './replace-hours.ts'
import { daysOf, hoursOf } from './roll-up-tables.ts'
import { chooseWork, type Work } from './upkeep-work.ts'

/** steps without readings that are taken in one */
const maxEmpty = 10
/** most readings of a step, whatever is asked for: all of them are in memory at once, or in temporary files */
const mostReadings = 1_000_000
/** most days that are made in one step */
const maxDays = 31
const maxDaysMs = maxDays * dayMs

/** The end of the last local day that ends no later than a time. */
function lastDayEnd(days: LocalDays, ts: number): number {
  return days.dayOf(ts).from
}

/** Per kind how many hours are dirty (of all sensors: as many as there are sensors), and since when. */
const dirtySql = `WITH marks AS (SELECT kind, sensor, since, "from", least("to", rolled_to) AS "to"
    FROM dirty_hours JOIN roll_up_progress USING (kind) WHERE "from" < rolled_to)
  SELECT sum(("to" - "from") // 3600000 * CASE WHEN sensor = '' THEN CASE kind
      ${kinds.map((kind) => `WHEN '${kind}' THEN (SELECT count(DISTINCT sensor) FROM ${daysOf(kind)})`).join(' ')} END ELSE 1 END),
    min(since) FROM marks GROUP BY kind`

export interface UpkeepOptions {
  database: Database
  dirty: DirtyHours
  migration: BackgroundMigration
  days: DaysOfStore
}

/** Keeps the tables of roll-ups up to date: computes in a snapshot, beside the writes, and replaces in one short transaction. */
export class RollUpTables {
  readonly #options: UpkeepOptions
  readonly #oneAtATime = pLimit(1)

  constructor(options: UpkeepOptions) {
    this.#options = options
  }

  /** One step of {@link RollUpStorage.upkeep}. */
  step(limits: { until: number; maxReadings: number }): Promise<UpkeepStep> {
    return this.#oneAtATime(async () => {
      const total = { hours: 0, readings: 0 }
      for (let tries = 0; tries < maxEmpty; tries++) {
        const work = await this.#choose(limits)
        if (!work) return { ...total, more: false }
        const { hours, readings } = work.of === 'days' ? await this.#makeDays(work) : await this.#rollUp(work)
        total.hours += hours
        total.readings += readings
        if (readings > 0) break
      }
      return { ...total, more: true }
    })
  }

  /** Forgets all roll-ups that are not frozen. */
  reset(): Promise<void> {
    return this.#oneAtATime(async () => {
      const { database, dirty, days } = this.#options
      await database.transaction(
        async (connection) => {
          const progress = await readProgress(connection, days.zone)
          for (const kind of kinds) {
            const { frozenTo } = progress[kind]
            const isFrozen = frozenTo > 0
            const day = isFrozen ? lastDayEnd(days.days, frozenTo) : 0
            await connection.run(`DELETE FROM ${hoursOf(kind)} WHERE "start" >= ${frozenTo}`)
            await connection.run(`DELETE FROM ${daysOf(kind)} WHERE "start" >= ${day}`)
            const { daysTo, zone } = progress[kind]
            const kept = { rolledTo: frozenTo, frozenTo, daysTo: daysTo && Math.min(daysTo, day), zone }
            await writeProgress(connection, kind, isFrozen ? kept : { ...kept, rolledTo: undefined, daysTo: undefined })
          }
          await connection.run('DELETE FROM dirty_hours')
        },
        () => dirty.forget(),
      )
    })
  }

  /**
   * Freezes roll-ups of hours that begin before a time: readings are about to be deleted. What is dirty of them, or open, is rolled
   * up first; nothing is when no kind ever was.
   */
  async freeze(before: number): Promise<void> {
    const { database, dirty, days } = this.#options
    const { rolledTo } = await this.state()
    if (rolledTo === undefined) return
    while ((await this.step({ until: before, maxReadings: mostReadings / 10 })).more) if (database.isClosing) return
    const hour = Math.ceil(before / hourMs) * hourMs
    await database.transaction(
      async (connection) => {
        const all = await readProgress(connection, days.zone)
        for (const kind of kinds) {
          const { rolledTo: rolled = 0, frozenTo } = all[kind]
          const progress = { ...all[kind], frozenTo: Math.max(frozenTo, Math.min(hour, rolled)) }
          await writeProgress(connection, kind, progress)
        }
      },
      () => dirty.forget(),
    )
  }

  /** Decides about a sensor's values, and marks the hours that this changes. */
  async putCorrections(corrections: SensorCorrections): Promise<void> {
    const { database, dirty } = this.#options
    const { kind, sensor } = corrections
    await database.transaction(async (connection) => {
      await putSegments({ putDocument: putDocumentOn(connection) }, corrections)
      await dirty.markSpan(connection, kind, sensor, corrections)
    })
  }

  /** How far the roll-ups are. */
  state(): Promise<UpkeepState> {
    const { database, days } = this.#options
    return database.snapshot(async (connection) => {
      const progress = Object.values(await readProgress(connection, days.zone))
      const rolled = progress.map(({ rolledTo }) => rolledTo)
      const marks = (await connection.runAndReadAll(dirtySql)).getRows()
      const since = marks.map((row) => Number(row[1]))
      return {
        rolledTo: rolled.every((ts) => ts !== undefined) ? Math.min(...rolled) : undefined,
        frozenTo: Math.max(...progress.map(({ frozenTo }) => frozenTo)),
        dirty: marks.reduce((sum, [hours]) => sum + Number(hours), 0),
        dirtySince: since.length === 0 ? undefined : Math.min(...since),
      }
    })
  }

  async #choose({ until, maxReadings }: { until: number; maxReadings: number }): Promise<Work | undefined> {
    const { database, days } = this.#options
    const limits = { until, maxReadings: Math.min(maxReadings, mostReadings) }
    return database.snapshot((connection) =>
      chooseWork(connection, days.zone, limits, (ts) => lastDayEnd(days.days, ts)),
    )
  }

  async #rollUp(work: Work): Promise<ComputedHours> {
    const { database, dirty, migration } = this.#options
    try {
      let markedBelow = 0
      await database.transaction(
        (connection) => dirty.beginUpkeep(connection, work.kind, work),
        (id) => {
          markedBelow = id
        },
      )
      const compute = (connection: DuckDBConnection) => computeHours(connection, work, markedBelow)
      const computed = await database.snapshot(compute, undefined, (signal) => migration.done(signal))
      await database.transaction(async (connection) => {
        await replaceHours(connection, work, computed)
        await clearMarks(connection, work, markedBelow)
        await this.#advance(connection, work, computed)
      })
      return computed
    } catch (error) {
      dirty.forget()
      throw error
    }
  }

  /** Makes the days of what was rolled up, and says how far it is. */
  async #advance(connection: DuckDBConnection, { kind, of, from, to }: Work, { spans }: ComputedHours): Promise<void> {
    const { zone, days } = this.#options.days
    const progress = (await readProgress(connection, zone))[kind]
    if (of === 'dirty') {
      if (progress.daysTo === undefined || spans.length === 0) return
      const end = Math.min(days.dayOf(to - 1).to, progress.daysTo)
      const begin = days.dayOf(boundsOf(spans).from).from
      await replaceDays(connection, { kind, from: begin, to: end, ofRecomputed: true }, days)
      return
    }
    const rolledTo = Math.max(progress.rolledTo ?? to, to)
    const isFirst = progress.rolledTo === undefined && progress.daysTo === undefined
    const next = isFirst ? { ...progress, zone, daysTo: days.dayOf(from).from } : progress
    await this.#advanceDays(connection, { ...next, rolledTo }, kind)
  }

  async #makeDays({ kind }: Work): Promise<{ hours: number; readings: number }> {
    const { database, days } = this.#options
    await database.transaction(async (connection) => {
      const progress = (await readProgress(connection, days.zone))[kind]
      if (progress.daysTo !== undefined) return this.#advanceDays(connection, progress, kind)
      // those there are are of another time zone
      await connection.run(`DELETE FROM ${daysOf(kind)}`)
      const [row] = (await connection.runAndReadAll(`SELECT min("start") FROM ${hoursOf(kind)}`)).getRows()
      const first = typeof row?.[0] === 'bigint' ? Number(row[0]) : (progress.rolledTo ?? 0)
      await this.#advanceDays(connection, { ...progress, zone: days.zone, daysTo: days.days.dayOf(first).from }, kind)
    })
    return { hours: 0, readings: 0 }
  }

  /** Makes days that are behind, a month of them at most. */
  async #advanceDays(connection: DuckDBConnection, progress: Progress, kind: Work['kind']): Promise<void> {
    const { days } = this.#options.days
    const { rolledTo = 0, daysTo } = progress
    if (daysTo === undefined) return writeProgress(connection, kind, progress)
    const end = lastDayEnd(days, Math.min(rolledTo, daysTo + maxDaysMs))
    await replaceDays(connection, { kind, from: daysTo, to: end, ofRecomputed: false }, days)
    await writeProgress(connection, kind, { ...progress, daysTo: Math.max(daysTo, end) })
  }
}

/** Takes away the marks of what was recomputed; what they say about other times is left. */
async function clearMarks(connection: DuckDBConnection, { kind, from, to }: Work, markedBelow: number): Promise<void> {
  const met = `kind = $kind AND id < ${markedBelow} AND "from" < ${to} AND "to" > ${from}`
  const rest = (begin: string, end: string) =>
    `SELECT id, kind, sensor, ${begin} AS "from", ${end} AS "to", since FROM dirty_hours WHERE ${met} AND ${begin} < ${end}`
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE marks_left AS ${rest('"from"', `${from}::BIGINT`)} UNION ALL ${rest(`${to}::BIGINT`, '"to"')}`,
    { kind },
  )
  await connection.run(`DELETE FROM dirty_hours WHERE ${met}`, { kind })
  await connection.run('INSERT INTO dirty_hours SELECT * FROM marks_left')
}

/** How roll-ups are kept in DuckDB. */
export function rollUpUpkeep(
  tables: RollUpTables,
): Pick<RollUpStorage, 'upkeep' | 'upkeepState' | 'putCorrections' | 'resetRollUps'> {
  return {
    upkeep: (limits) => tables.step(limits),
    upkeepState: () => tables.state(),
    putCorrections: (corrections) => tables.putCorrections(corrections),
    resetRollUps: () => tables.reset(),
  }
}

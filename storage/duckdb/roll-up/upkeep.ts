import type { DuckDBConnection } from '@duckdb/node-api'
import pLimit from 'p-limit'
import { dayMs } from '#telemetry/durations.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import { putSegments } from '../../roll-up/correction-segments.ts'
import type { LocalDays } from '../../roll-up/local-days.ts'
import { boundsOf, type Span } from '../../roll-up/spans.ts'
import { ceilHour } from '../../roll-up/utc-hours.ts'
import type { RollUpStorage, SensorCorrections, UpkeepState, UpkeepStep } from '../../roll-ups.ts'
import type { BackgroundMigration } from '../background-migration.ts'
import type { Database } from '../database.ts'
import { putDocumentOn } from '../document-storage.ts'
import { type ComputedHours, computeHours } from './compute-hours.ts'
import type { DirtyHours } from './dirty-hours.ts'
import { readProgress, writeProgress } from './progress.ts'
import type { DaysOfStore } from './question.ts'
import { appendDays, computeDays, replaceDays, replaceHours } from './replace-hours.ts'
import { daysOf, hoursOf } from './roll-up-tables.ts'
import { chooseWork, type Work } from './upkeep-work.ts'

/** steps without readings that are taken in one */
const maxEmpty = 10
/** most readings of a step, whatever is asked for: all of them are in memory at once, or in temporary files */
const mostReadings = 1_000_000
/** hours of sensors of which days are made in one step, and most of these days */
const maxDayHours = 50_000
const maxDays = 31

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
        if (readings > 0 || work.of === 'days') break
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
    const progress = await database.snapshot((connection) => readProgress(connection, days.zone))
    if (kinds.every((kind) => progress[kind].rolledTo === undefined)) return
    while ((await this.step({ until: before, maxReadings: mostReadings / 10 })).more) if (database.isClosing) return
    const hour = ceilHour(before)
    await database.transaction(
      async (connection) => {
        const all = await readProgress(connection, days.zone)
        for (const kind of kinds) {
          const { rolledTo: rolled = 0, frozenTo } = all[kind]
          await writeProgress(connection, kind, {
            ...all[kind],
            frozenTo: Math.max(frozenTo, Math.min(hour, rolled)),
          })
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
      let forgotten = 0
      await database.transaction(
        (connection) => dirty.beginUpkeep(connection, work.kind, work),
        (id) => {
          markedBelow = id
          forgotten = dirty.forgotten
        },
      )
      const compute = (connection: DuckDBConnection) => computeHours(connection, work, markedBelow)
      const computed = await database.snapshot(compute, undefined, (signal) => migration.done(signal))
      await database.transaction(async (connection) => {
        if (dirty.forgotten !== forgotten)
          throw new StoreUnavailableError('a write failed meanwhile: what was computed may lack what came after it')
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

  /** Says how far it is; of what was recomputed, makes the days anew. */
  async #advance(connection: DuckDBConnection, { kind, of, from, to }: Work, { spans }: ComputedHours): Promise<void> {
    const { zone, days } = this.#options.days
    const progress = (await readProgress(connection, zone))[kind]
    if (of === 'dirty') {
      if (progress.daysTo === undefined || spans.length === 0) return
      const end = Math.min(days.dayOf(to - 1).to, progress.daysTo)
      await replaceDays(connection, { kind, from: days.dayOf(boundsOf(spans).from).from, to: end }, days)
      return
    }
    const isFirst = progress.rolledTo === undefined && progress.daysTo === undefined
    const first = isFirst ? { zone, daysTo: days.dayOf(from).from } : {}
    await writeProgress(connection, kind, { ...progress, ...first, rolledTo: Math.max(progress.rolledTo ?? to, to) })
  }

  /** Makes the next days that are behind: of hours that nobody else changes meanwhile. */
  async #makeDays({ kind }: Work): Promise<{ hours: number; readings: number }> {
    const { database, days } = this.#options
    const { computed, from, to } = await database.snapshot(async (connection) => {
      const span = await this.#nextDays(connection, kind)
      return { ...span, computed: await computeDays(connection, { kind, ...span }, days.days) }
    })
    await database.transaction(async (connection) => {
      const progress = (await readProgress(connection, days.zone))[kind]
      // those there are are of another time zone
      if (progress.daysTo === undefined) await connection.run(`DELETE FROM ${daysOf(kind)}`)
      await appendDays(connection, { kind, from, to }, computed)
      await writeProgress(connection, kind, { ...progress, zone: days.zone, daysTo: Math.max(from, to) })
    })
    return { hours: 0, readings: 0 }
  }

  /** The next days to make: as many as have about {@link maxDayHours} hours of sensors, one at the least. */
  async #nextDays(connection: DuckDBConnection, kind: Kind): Promise<Span> {
    const { zone, days } = this.#options.days
    const { rolledTo = 0, daysTo } = (await readProgress(connection, zone))[kind]
    const from = daysTo ?? days.dayOf((await firstHour(connection, kind)) ?? rolledTo).from
    const counted = `SELECT count(*) FROM ${hoursOf(kind)} WHERE "start" >= ${from} AND "start" < ${from + dayMs}`
    const [row] = (await connection.runAndReadAll(counted)).getRows()
    const count = Math.min(Math.max(1, Math.floor(maxDayHours / Math.max(1, Number(row?.[0])))), maxDays)
    return { from, to: lastDayEnd(days, Math.min(rolledTo, Math.max(days.dayOf(from).to, from + count * dayMs))) }
  }
}

async function firstHour(connection: DuckDBConnection, kind: Kind): Promise<number | undefined> {
  const [row] = (await connection.runAndReadAll(`SELECT min("start") FROM ${hoursOf(kind)}`)).getRows()
  return typeof row?.[0] === 'bigint' ? Number(row[0]) : undefined
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

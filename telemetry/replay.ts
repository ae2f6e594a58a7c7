import { z } from 'zod'
import { alertEventSchema, alertSchema } from './alert.ts'
import { valueStatesSchema } from './device-state.ts'
import { dayMs, minuteMs } from './durations.ts'
import { type Kind, kindSchema } from './kinds.ts'
import { presenceChangeSchema } from './presence.ts'
import type { Reading } from './reading.ts'
import { idSchema, timestampSchema, type Value } from './reading-parts.ts'
import { valuesOfKind } from './values.ts'

/** Longest span of one answer, ms. */
export const maxReplaySpanMs = 30 * minuteMs
/** Most readings of one kind in one answer, and most comings and goings; an answer with more ends earlier than asked. */
export const maxReplayReadings = 25_000
/** Most alerts open at the start of an answer, and most steps of alerts in it; an answer with more steps ends earlier than asked. */
export const maxReplayAlerts = 20_000
/** How far before its start the state of a replay is looked for, ms: a sensor silent for longer has no reading there. */
export const replayLookbackMs = dayMs
/** Longest step to which a replay is thinned, ms. */
export const maxReplayStepMs = 600_000

/** Readings of one kind, packed: a dictionary of sensors and rows of numbers. */
export const readingTableSchema = z.object({
  kind: kindSchema,
  /** the values in a row, in order */
  values: z.array(z.string()),
  sensors: z.array(z.object({ id: idSchema, district: idSchema })),
  /** place of the sensor above, ms after the answer's `from` (negative: before it), then the values; null where there is none, trailing ones left out */
  rows: z.array(z.array(z.union([z.number(), z.string(), z.null()])).min(2)),
  /** of rows with values that were not being measured: place of the row, and the states of these values; absent when there are none */
  states: z.array(z.tuple([z.number().int().min(0), valueStatesSchema])).optional(),
})
export type ReadingTable = z.infer<typeof readingTableSchema>

/**
 * How much is known of the alerts of a moment: `all`; `some`, when nothing says what was open before the first of the steps that
 * are kept; `none`, when nothing is kept of that time.
 */
export const alertsKeptSchema = z.enum(['all', 'some', 'none'])
export type AlertsKept = z.infer<typeof alertsKeptSchema>

/** Answer of `GET /api/v1/replay`. Times are epoch ms. */
export const replayResponse = z.object({
  from: timestampSchema,
  /** every reading with `from <= ts < to` is here but those of a clock that was ahead; earlier than asked when there were too many: ask from here on */
  to: timestampSchema,
  /** ms; of each sensor only the newest of each value of each step is here, with the time of the newest, so that at each whole step all values are exact. 0: every reading */
  step: z.number().int(),
  /** the newest of each value of each sensor before `from`, a row for each time of measuring, when it was asked for */
  state: z.array(readingTableSchema).optional(),
  /** a table a kind, each in order of time */
  readings: z.array(readingTableSchema),
  /** who was offline just before `from`, when the state was asked for */
  offline: z.array(idSchema).optional(),
  /** when it was last noted before `from` who is offline, when the state was asked for; absent when it was not within the look-back */
  offlineNotedAt: timestampSchema.optional(),
  /** who came and went with `from <= at < to`, in order of time */
  presence: z.array(presenceChangeSchema),
  /** when it was noted in the span who is offline; absent from an older release, as what follows is */
  presenceNoted: z.array(timestampSchema).default([]),
  /** the alerts that were open just before `from`, each as it was then, when the state was asked for */
  alerts: z.array(alertSchema).optional(),
  /** how much is known of the alerts just before `from` */
  alertsKept: alertsKeptSchema.default('none'),
  /** from when on all is known of them, where that begins within the span */
  alertsKeptFrom: timestampSchema.optional(),
  /** what happened to alerts with `from <= at < to`, in order of time; with a `step` the last of each alert in each step */
  alertSteps: z.array(alertEventSchema).default([]),
})
export type ReplayResponse = z.infer<typeof replayResponse>

/** A span that an empty store was given, with ms between two readings of a sensor: sparser than the sensors themselves are. */
export const backfillSchema = z.object({
  from: timestampSchema,
  to: timestampSchema,
  step: z.number().int().min(1),
})
export type Backfill = z.infer<typeof backfillSchema>

/** Length of a bucket of a coverage, ms. */
export const coverageWindowMs = 300_000

/** Answer of `GET /api/v1/replay/coverage`: how much of what was to be expected is there. */
export const coverageResponse = z.object({
  /** start of the first bucket, epoch ms */
  from: timestampSchema,
  to: timestampSchema,
  /** ms */
  window: z.number().int(),
  /** 0 to 1 for each bucket: readings there / readings expected by the sensors' periods */
  shares: z.array(z.number()),
  backfills: z.array(backfillSchema),
})
export type CoverageResponse = z.infer<typeof coverageResponse>

/** Answer of `GET /api/v1/replay/days`: on which local days of the city there is anything to replay. */
export const replayDaysResponse = z.object({
  /** when the first reading of all was measured, epoch ms; absent when there is none */
  first: timestampSchema.optional(),
  /** in order: start and end of a day (epoch ms), which has 23 or 25 hours where the clocks change */
  days: z.array(z.object({ from: timestampSchema, to: timestampSchema, hasReadings: z.boolean() })),
})
export type ReplayDaysResponse = z.infer<typeof replayDaysResponse>

/** Packs readings of one kind. */
export class TablePacker {
  readonly #from: number
  readonly #table: ReadingTable
  readonly #names: readonly string[]
  readonly #places = new Map<string, number>()
  readonly #states: NonNullable<ReadingTable['states']> = []

  constructor(kind: Kind, from: number) {
    this.#from = from
    this.#names = valuesOfKind[kind].map(({ name }) => name)
    this.#table = { kind, values: [...this.#names], sensors: [], rows: [] }
  }

  get size(): number {
    return this.#table.rows.length
  }

  add(reading: Reading): void {
    // a reading of this kind holds no values but those of the kind, each a number or a word
    const held = reading.values as Readonly<Record<string, Value | undefined>>
    const row: (Value | null)[] = [this.#placeOf(reading), reading.ts - this.#from]
    for (const name of this.#names) row.push(held[name] ?? null)
    while (row.at(-1) === null) row.pop()
    this.#table.rows.push(row)
    if (reading.states) this.#states.push([this.#table.rows.length - 1, reading.states])
  }

  /** The table of all readings before `to` (epoch ms), or of all; with `to` they must have come in order of time. */
  table(to?: number): ReadingTable {
    const { rows } = this.#table
    const found = to === undefined ? -1 : rows.findIndex(([, offset]) => this.#from + Number(offset) >= to)
    const end = found < 0 ? rows.length : found
    const states = this.#states.filter(([at]) => at < end)
    return { ...this.#table, rows: rows.slice(0, end), ...(states.length > 0 && { states }) }
  }

  #placeOf({ sensor, district }: Reading): number {
    const key = `${district}/${sensor}`
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place = this.#places.size
    this.#places.set(key, place)
    this.#table.sensors.push({ id: sensor, district })
    return place
  }
}

/** The readings of a table; `from` (epoch ms) is its answer's. A row of a sensor that the table does not name is left out. */
export function* unpackTable({ kind, values, sensors, rows, states }: ReadingTable, from: number): Generator<Reading> {
  const statesOfRow = new Map(states)
  for (const [place, row] of rows.entries()) {
    const sensor = sensors[Number(row[0])]
    if (!sensor) continue
    const held: Record<string, Value> = {}
    for (let at = 0; at < values.length; at++) {
      const value = row[at + 2]
      if (value !== null && value !== undefined) held[values[at] ?? ''] = value
    }
    const identity = { district: sensor.district, sensor: sensor.id, ts: from + Number(row[1]) }
    const own = statesOfRow.get(place)
    // packed from readings that were validated when they came in
    yield { ...identity, kind, ...(own && { states: own }), values: held } as Reading
  }
}

/** All readings of an answer in order of time. */
export function unpackReadings({ from, readings }: Pick<ReplayResponse, 'from' | 'readings'>): Reading[] {
  return readings.flatMap((table) => [...unpackTable(table, from)]).sort((a, b) => a.ts - b.ts)
}

/** The backfill in which a moment lies. */
export function backfillAt(backfills: readonly Backfill[], at: number): Backfill | undefined {
  return backfills.find(({ from, to }) => from <= at && at < to)
}

/** What a coverage is reckoned from. */
export interface CoverageInput {
  /** start of the first bucket and end of the last one, epoch ms */
  from: number
  to: number
  /** readings of all sensors per bucket, of all kinds, in any order */
  counts: readonly { ts: number; count: number }[]
  /** s between two readings of each sensor that was heard in this span */
  periods: readonly number[]
  backfills: readonly Backfill[]
}

/** For each bucket readings there / readings expected, at most 1: by the sensors' periods, or in a backfill by its step. */
export function coverageShares({ from, to, counts, periods, backfills }: CoverageInput): number[] {
  const found = new Map<number, number>()
  for (const { ts, count } of counts) found.set(ts, (found.get(ts) ?? 0) + count)
  const perMs = periods.reduce((sum, period) => sum + 1 / (period * 1_000), 0)
  const shares: number[] = []
  for (let start = from; start < to; start += coverageWindowMs) {
    const backfill = backfillAt(backfills, start)
    const lengthMs = Math.min(coverageWindowMs, to - start)
    const expected = lengthMs * (backfill ? periods.length / backfill.step : perMs)
    const share = expected === 0 ? 0 : Math.min(1, (found.get(start) ?? 0) / expected)
    shares.push(Math.round(share * 100) / 100)
  }
  return shares
}

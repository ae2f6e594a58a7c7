import type { QueryContext } from '../query-context.ts'
import { increaseLookbackMs, type Member, type RollUpQuery, type RollUpStorage } from '../roll-ups.ts'
import type { TelemetryStore } from '../store.ts'
import { Cells } from './cells.ts'
import { putSegments } from './correction-segments.ts'
import { eachHold, filledPieces } from './holds.ts'
import { percentileOf } from './percentiles.ts'
import { type Buckets, checkedBuckets } from './pieces.ts'
import { rollUpReadings } from './roll-up-readings.ts'
import { type ReadingsSource, readDecided, type SensorValues, ValuesReader } from './sensor-values.ts'
import { fromSteps } from './steps.ts'

/** A sensor in one group, with what it measured. */
interface MemberValues {
  member: Member
  found: SensorValues
}

/** The readings of a question, sensor by sensor. */
async function readMembers(source: ReadingsSource, query: RollUpQuery, context?: QueryContext) {
  const buckets = checkedBuckets(query)
  const { kind, value, members } = query
  const sensors = [...new Set(members.map(({ sensor }) => sensor))]
  const decided = await readDecided(source, { kind, sensors, to: buckets.to }, context)
  const asked = { kind, value, sensors, from: buckets.from, to: buckets.to }
  const reader = new ValuesReader(source, asked, decided, context)
  const bySensor = new Map((await reader.read()).map((found) => [found.sensor, found]))
  const all = members.flatMap((member): MemberValues[] => {
    const found = bySensor.get(member.sensor)
    return found ? [{ member, found }] : []
  })
  return { buckets, reader, all }
}

/** Roll-ups of readings, as they are needed: right by definition, and no faster than the readings are read. */
export async function rollUpsFromReadings(source: ReadingsSource, query: RollUpQuery, context?: QueryContext) {
  const { buckets, reader, all } = await readMembers(source, query, context)
  const cells = new Cells(buckets)
  for (const { member, found } of all) {
    const pieces = [...rollUpReadings(found.values, buckets, member, found.stepAt)]
    const first = pieces.find(({ rollUp }) => rollUp.first !== undefined)?.rollUp.first
    const before = first && (await countedBefore(reader, found, first.ts, buckets.from))
    cells.add(member.group, pieces, before)
  }
  return cells.all
}

/** The last value of a sensor that counts before a time, in the value's unit. */
async function countedBefore(reader: ValuesReader, { sensor, values }: SensorValues, ts: number, from: number) {
  const isBefore = (value: { ts: number; exclusion?: unknown }) => value.ts < ts && value.exclusion === undefined
  const known = values.findLast(isBefore)
  const last = known && known.ts >= from - increaseLookbackMs ? known : await reader.lastBefore(sensor)
  return last && fromSteps(last.steps)
}

/** What belongs to one bucket of one group. */
class PerCell<Of> {
  readonly #buckets: Buckets
  readonly #make: () => Of
  readonly #found = new Map<string, { group: number; bucket: number; of: Of }>()

  constructor(buckets: Buckets, make: () => Of) {
    this.#buckets = buckets
    this.#make = make
  }

  at(group: number, bucket: number): Of {
    const key = `${group} ${bucket}`
    const cell = this.#found.get(key) ?? { group, bucket, of: this.#make() }
    this.#found.set(key, cell)
    return cell.of
  }

  get all(): { group: number; start: number; of: Of }[] {
    return [...this.#found.values()]
      .toSorted((a, b) => a.group - b.group || a.bucket - b.bucket)
      .map(({ group, bucket, of }) => ({ group, start: this.#buckets.startOf(bucket), of }))
  }
}

/** Percentiles of the readings that count. */
export function percentilesFromReadings(source: ReadingsSource): RollUpStorage['percentiles'] {
  return async (query, context) => {
    const { buckets, all } = await readMembers(source, query, context)
    const cells = new PerCell<number[]>(buckets, () => [])
    for (const { member, found } of all)
      for (const { bucket, beginIndex, endIndex } of filledPieces(found.values, buckets, member))
        for (const { steps, exclusion } of found.values.slice(beginIndex, endIndex))
          if (exclusion === undefined) cells.at(member.group, bucket).push(steps)
    return cells.all.map(({ group, start, of }) => {
      const sorted = Float64Array.from(of).sort()
      return { group, start, values: query.shares.map((share) => percentileOf(sorted, share)) }
    })
  }
}

/** For how long values were above a limit. */
export function aboveFromReadings(source: ReadingsSource): RollUpStorage['above'] {
  return async (query, context) => {
    const { buckets, all } = await readMembers(source, query, context)
    const cells = new PerCell(buckets, () => ({ aboveMs: 0, coveredMs: 0 }))
    for (const { member, found } of all)
      for (const piece of filledPieces(found.values, buckets, member)) {
        const cell = cells.at(member.group, piece.bucket)
        eachHold(found.values, piece, found.stepAt, (steps, ms) => {
          cell.coveredMs += ms
          if (fromSteps(steps) > query.limit) cell.aboveMs += ms
        })
      }
    return cells.all.map(({ group, start, of }) => ({ group, start, ...of }))
  }
}

/** Everything from readings, without roll-ups that are kept: there is no upkeep to do. */
export function rollUpsOfReadings(
  store: ReadingsSource & Pick<TelemetryStore, 'counts' | 'putDocument'>,
): RollUpStorage {
  return {
    rollUps: (query, context) => rollUpsFromReadings(store, query, context),
    percentiles: percentilesFromReadings(store),
    above: aboveFromReadings(store),
    async weigh(query) {
      const { from, to } = checkedBuckets(query)
      const counts = await store.counts({ kind: query.kind, from, to, window: Math.max(to - from, 1) })
      return { readings: counts.reduce((sum, { count }) => sum + count, 0), rollUps: 0 }
    },
    upkeepState: async () => ({ rolledTo: undefined, frozenTo: 0, dirty: 0, dirtySince: undefined }),
    upkeep: async () => ({ hours: 0, readings: 0, more: false }),
    putCorrections: (correction) => putSegments(store, correction),
    trimRollUps: async () => {},
    resetRollUps: async () => {},
  }
}

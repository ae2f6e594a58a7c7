import type { CorrectionSegment, Exclusion, Member, RollUpCell, RollUpQuery } from '#storage/roll-ups.ts'
import type { Reading } from '#telemetry/reading.ts'

const hour = 3_600_000
const day = 24 * hour

/** Everything that decides what roll-ups are. */
export interface Facts {
  /** one of each sensor and time, in any order */
  readings: readonly Reading[]
  segments?: readonly (CorrectionSegment & { sensor: string })[]
  /** ms between two readings of a sensor at a time; 60,000 when absent */
  step?: (sensor: string, ts: number) => number
}

interface Fact {
  ts: number
  steps: bigint
  why: Exclusion | undefined
  corrected: boolean
}

const stepsOf = (value: number) => BigInt(value < 0 ? -Math.round(-value * 1e6) : Math.round(value * 1e6))
const unitOf = (steps: bigint) => Number(steps) / 1e6

/** What is known of one value of one sensor, in order of time. */
function factsOf({ readings, segments = [] }: Facts, { kind, value }: RollUpQuery, sensor: string): Fact[] {
  return readings
    .filter((reading) => reading.kind === kind && reading.sensor === sensor)
    .toSorted((a, b) => a.ts - b.ts)
    .flatMap(({ ts, aheadMs, states, values }): Fact[] => {
      const measured = (values as Readonly<Record<string, unknown>>)[value]
      if (typeof measured !== 'number') return []
      const plain = { ts, steps: stepsOf(measured), corrected: false }
      if (aheadMs !== undefined) return [{ ...plain, why: 'clock' }]
      if (states?.[value]) return [{ ...plain, why: states[value] }]
      const segment = segments.find(
        (one) => one.sensor === sensor && one.value === value && ts >= one.from && ts < one.to,
      )
      if (!segment) return [{ ...plain, why: undefined }]
      if (segment.exclusion) return [{ ...plain, why: segment.exclusion, corrected: true }]
      const corrected = segment.factor !== 1 || segment.offset !== 0
      return [{ ts, steps: stepsOf(measured * segment.factor + segment.offset), why: undefined, corrected }]
    })
}

/** The parts of a bucket that are within one hour and within the member's time. */
function* partsOf({ from = -Infinity, to = Infinity }: Member, start: number, end: number) {
  for (let at = Math.floor(start / hour) * hour; at < end; at += hour) {
    const part = { start: Math.max(at, start, from), end: Math.min(at + hour, end, to) }
    if (part.start < part.end) yield part
  }
}

/** For how many ms each fact holds within a part. */
function holdsIn(all: readonly Fact[], part: { start: number; end: number }, stepAt: (ts: number) => number) {
  const own = all.filter(({ ts }) => ts >= part.start && ts < part.end)
  if (own.length === 0) return []
  const before = all.filter(({ ts }) => ts < part.start).slice(-1)
  return [...before, ...own].flatMap((fact) => {
    if (fact.why !== undefined) return []
    const next = all.find(({ ts }) => ts > fact.ts)?.ts ?? Infinity
    const end = Math.min(next, fact.ts + 3 * stepAt(fact.ts), part.end)
    const ms = end - Math.max(fact.ts, part.start)
    return ms > 0 ? [{ fact, ms }] : []
  })
}

function emptyCell(group: number, start: number): RollUpCell {
  const none = { count: 0, sum: 0n, sumOfSquares: 0n, weighted: 0n, coveredMs: 0, increase: 0n, corrected: 0 }
  return { group, start, ...none, excluded: {} }
}

/** The cell of this group and bucket, put there when there is none yet. */
function cellIn<Cell extends { group: number; start: number }>(cells: Cell[], empty: Cell): Cell {
  const known = cells.find(({ group, start }) => group === empty.group && start === empty.start)
  if (!known) cells.push(empty)
  return known ?? empty
}

/** Adds one fact to a cell; `before` is the fact that counts before it. */
function addFact(cell: RollUpCell, { ts, steps, why, corrected }: Fact, before: Fact | undefined): void {
  if (corrected) cell.corrected += 1
  if (why !== undefined) {
    cell.excluded = { ...cell.excluded, [why]: (cell.excluded[why] ?? 0) + 1 }
    return
  }
  const value = unitOf(steps)
  cell.count += 1
  cell.sum += steps
  cell.sumOfSquares += steps * steps
  if (before) cell.increase += steps < before.steps ? steps : steps - before.steps
  if (cell.min === undefined || value < cell.min) cell.min = value
  if (cell.max === undefined || value > cell.max) cell.max = value
  const { first, last } = cell
  if (!first || ts < first.ts || (ts === first.ts && value < first.value)) cell.first = { ts, value }
  if (!last || ts > last.ts || (ts === last.ts && value > last.value)) cell.last = { ts, value }
}

/** What {@link RollUpQuery} is answered with, by looking at every reading for every part of every bucket. */
export function naiveRollUps(facts: Facts, query: RollUpQuery): RollUpCell[] {
  const cells: RollUpCell[] = []
  for (const { group, all, part, start, sensor } of partsOfAll(facts, query)) {
    const own = all.filter(({ ts }) => ts >= part.start && ts < part.end)
    if (own.length === 0) continue
    const cell = cellIn(cells, emptyCell(group, start))
    for (const fact of own) {
      const counted = all.filter(({ ts, why }) => ts < fact.ts && why === undefined)
      addFact(cell, fact, counted.filter(({ ts }) => ts >= (query.edges[0] ?? 0) - 40 * day).at(-1))
    }
    for (const { fact, ms } of holdsIn(all, part, stepOf(facts, sensor))) {
      cell.coveredMs += ms
      cell.weighted += fact.steps * BigInt(ms)
    }
  }
  return cells.toSorted((a, b) => a.group - b.group || a.start - b.start)
}

/** For how long each cell was above a limit. */
export function naiveAbove(facts: Facts, query: RollUpQuery & { limit: number }) {
  const cells: { group: number; start: number; aboveMs: number; coveredMs: number }[] = []
  for (const { group, all, part, start, sensor } of partsOfAll(facts, query)) {
    if (!all.some(({ ts }) => ts >= part.start && ts < part.end)) continue
    const cell = cellIn(cells, { group, start, aboveMs: 0, coveredMs: 0 })
    for (const { fact, ms } of holdsIn(all, part, stepOf(facts, sensor))) {
      cell.coveredMs += ms
      if (unitOf(fact.steps) > query.limit) cell.aboveMs += ms
    }
  }
  return cells.toSorted((a, b) => a.group - b.group || a.start - b.start)
}

/** Percentiles of the values that count, by their definition. */
export function naivePercentiles(facts: Facts, query: RollUpQuery & { shares: readonly number[] }) {
  const cells: { group: number; start: number; values: number[] }[] = []
  for (const { group, all, part, start } of partsOfAll(facts, query)) {
    const own = all.filter(({ ts, why }) => ts >= part.start && ts < part.end && why === undefined)
    if (own.length === 0) continue
    const cell = cellIn(cells, { group, start, values: [] })
    cell.values.push(...own.map(({ steps }) => unitOf(steps)))
  }
  return cells
    .toSorted((a, b) => a.group - b.group || a.start - b.start)
    .map(({ values, ...cell }) => ({ ...cell, values: query.shares.map((share) => interpolated(values, share)) }))
}

function interpolated(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = share * (sorted.length - 1)
  const [low = Number.NaN, high = low] = sorted.slice(Math.floor(rank))
  return low + (high - low) * (rank % 1)
}

const stepOf =
  ({ step = () => 60_000 }: Facts, sensor: string) =>
  (ts: number) =>
    step(sensor, ts)

function* partsOfAll(facts: Facts, query: RollUpQuery) {
  for (const member of query.members) {
    const { sensor, group } = member
    const all = factsOf(facts, query, sensor)
    for (const [at, end] of query.edges.slice(1).entries()) {
      const start = query.edges[at] ?? 0
      for (const part of partsOf(member, start, end)) yield { sensor, group, all, part, start }
    }
  }
}

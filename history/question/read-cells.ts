import type { RollUpQuery } from '#storage/roll-ups.ts'
import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import { edgesOf } from '../time-buckets.ts'
import { allPercentileShares, type Cell } from './figures.ts'
import type { QuestionPlan } from './plan.ts'
import { isPercentile } from './resolve-question.ts'
import type { QuestionBucket } from './windows.ts'

/** What a store is asked for roll-ups with. */
export type RollUpReader = Pick<TelemetryStore, 'rollUps' | 'percentiles' | 'above' | 'weigh' | 'readEvents'>

const noCell: Cell = {}

/** Cells by group and by the start of their bucket. */
export class Cells {
  readonly #groups = new Map<number, Map<number, Cell>>()

  get(group: number, start: number): Cell {
    return this.#groups.get(group)?.get(start) ?? noCell
  }

  add(group: number, start: number, part: Cell): void {
    const cells = this.#groups.get(group) ?? new Map<number, Cell>()
    this.#groups.set(group, cells)
    const cell = cells.get(start)
    if (cell) Object.assign(cell, part)
    else cells.set(start, part)
  }
}

interface CellsAsked
  extends Pick<QuestionPlan, 'kind' | 'functions' | 'limit'>,
    Pick<RollUpQuery, 'value' | 'members'> {
  buckets: readonly QuestionBucket[]
}

/** What a store has of these buckets of these members: all that the functions need. */
export async function readCells(store: RollUpReader, asked: CellsAsked, context: QueryContext): Promise<Cells> {
  const { kind, value, members, buckets, functions, limit } = asked
  const cells = new Cells()
  if (members.length === 0 || buckets.length === 0) return cells
  const query = { kind, value, members, edges: edgesOf(buckets) }
  const parts = { ends: functions.includes('increase'), weights: functions.includes('timeWeightedMean') }
  const [rollUps, percentiles, above] = await Promise.all([
    store.rollUps({ ...query, ...parts }, context),
    functions.some(isPercentile) ? store.percentiles({ ...query, shares: allPercentileShares }, context) : [],
    functions.includes('shareAbove') && limit !== undefined ? store.above({ ...query, limit }, context) : [],
  ])
  for (const rollUp of rollUps) cells.add(rollUp.group, rollUp.start, { rollUp })
  for (const { group, start, values } of percentiles) cells.add(group, start, { percentiles: values })
  for (const { group, start, ...times } of above) cells.add(group, start, { above: times })
  return cells
}

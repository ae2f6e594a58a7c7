import { fromSteps, toSteps } from '../../roll-up/steps.ts'
import type { Exclusion, RollUp } from '../../roll-ups.ts'
import { exclusions } from '../../roll-ups.ts'

/**
 * How a roll-up of one value lies in integer fields of a point. Large sums are in several fields of 32 bits and the rest: InfluxQL's sum()
 * of each is exact, and a number of JSON, for up to two million points. Every field is written each time, since a point that is written
 * again keeps the fields that are missing.
 */
const limbBits = 32n

/** the smallest and largest steps where no reading counts: no minimum of several is ever one of these */
const noMin = Number.MAX_SAFE_INTEGER
const noMax = -Number.MAX_SAFE_INTEGER

const limbsOf = { sum: 2, weighted: 3, squares: 3, increase: 2 } as const
type Large = keyof typeof limbsOf
const larges = Object.keys(limbsOf) as Large[] // its own keys

const limbNames = (large: Large) => Array.from({ length: limbsOf[large] }, (_, at) => `${large}${at}`)

/** Fields whose sum is that of the roll-up of all. */
const summedParts: readonly string[] = [
  ...['count', 'covered', 'corrected', ...exclusions],
  ...larges.flatMap(limbNames),
]

/** Fields that only those need who ask where a counter stood. */
const endParts: readonly string[] = [...limbNames('increase'), 'first_ts', 'first', 'last_ts', 'last']
const otherParts: readonly string[] = [...summedParts, 'min', 'max'].filter((part) => !endParts.includes(part))

/** The name of a field. */
export const fieldOf = (value: string, part: string): string => `${value}_${part}`

/** The fields of a value, in InfluxQL; with or without what a counter grew by and where it stood. */
export function columnsOf(value: string, ends: boolean): string {
  const parts = ends ? [...otherParts, ...endParts] : otherParts
  return parts.map((part) => `"${fieldOf(value, part)}"`).join(', ')
}

/** The sums of the fields of a value, each named as the field, in InfluxQL; without what a counter grew by and where it stood. */
export function sumColumnsOf(value: string): string {
  const sums = otherParts.map((part) => {
    const field = fieldOf(value, part)
    return `${part === 'min' || part === 'max' ? part : 'sum'}("${field}") AS "${field}"`
  })
  return sums.join(', ')
}

function limbFields(large: Large, total: bigint): [part: string, whole: bigint][] {
  const names = limbNames(large)
  return names.map((name, at) => {
    const rest = total >> (limbBits * BigInt(at))
    return [name, at === names.length - 1 ? rest : BigInt.asUintN(Number(limbBits), rest)]
  })
}

/** The fields of a value's roll-up in line protocol. */
export function fieldsOf(value: string, rollUp: RollUp): string {
  const { min, max, first, last, excluded } = rollUp
  const whole: readonly (readonly [string, number | bigint])[] = [
    ['count', rollUp.count],
    ['covered', rollUp.coveredMs],
    ['corrected', rollUp.corrected],
    ...exclusions.map((exclusion) => [exclusion, excluded[exclusion] ?? 0] as const),
    ...limbFields('sum', rollUp.sum),
    ...limbFields('weighted', rollUp.weighted),
    ...limbFields('squares', rollUp.sumOfSquares),
    ...limbFields('increase', rollUp.increase),
    ['min', min === undefined ? noMin : toSteps(min)],
    ['max', max === undefined ? noMax : toSteps(max)],
    ...[...pointFields('first', first), ...pointFields('last', last)],
  ]
  return whole.map(([part, number]) => `${fieldOf(value, part)}=${number}i`).join(',')
}

function pointFields(part: 'first' | 'last', point: RollUp['first']): [part: string, whole: number][] {
  return [
    [`${part}_ts`, point?.ts ?? 0],
    [part, point === undefined ? 0 : toSteps(point.value)],
  ]
}

/** Reads a part of a row: a whole number, undefined where the point has none. */
export type ReadPart = (part: string) => number | undefined

/** The roll-up in a row; undefined when the sensor did not measure the value. Without the ends there is neither first nor last. */
export function rollUpOf(read: ReadPart): RollUp | undefined {
  const count = read('count')
  if (count === undefined) return undefined
  const total = (large: Large) =>
    limbNames(large).reduceRight((sum, name) => (sum << limbBits) + BigInt(read(name) ?? 0), 0n)
  const excluded: Partial<Record<Exclusion, number>> = {}
  for (const exclusion of exclusions) {
    const readings = read(exclusion) ?? 0
    if (readings > 0) excluded[exclusion] = readings
  }
  const [first, last] = [pointOf(read, 'first'), pointOf(read, 'last')]
  return {
    ...{ count, sum: total('sum'), sumOfSquares: total('squares'), weighted: total('weighted') },
    ...{ coveredMs: read('covered') ?? 0, increase: total('increase'), excluded, corrected: read('corrected') ?? 0 },
    ...(count > 0 && { min: fromSteps(read('min') ?? 0), max: fromSteps(read('max') ?? 0) }),
    ...(count > 0 && first && last && { first, last }),
  }
}

function pointOf(read: ReadPart, part: 'first' | 'last'): RollUp['first'] {
  const [ts, steps] = [read(`${part}_ts`), read(part)]
  return ts === undefined || steps === undefined ? undefined : { ts, value: fromSteps(steps) }
}

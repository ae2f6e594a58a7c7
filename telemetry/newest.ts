import { type ClockState, effectiveTime } from './clock.ts'
import { type ValueState, type ValueStates, withoutStates } from './device-state.ts'
import { type NewestReading, type Reading, valuesOf } from './reading.ts'
import type { Value } from './reading-parts.ts'

/** When a value was measured, and when it arrived where that is known, epoch ms. */
export interface ValueTime {
  ts: number
  arrivedAt?: number | undefined
}

/** The newest of every value of a sensor: one reading with the time of the newest, and the times of those that are older. */
export interface Newest {
  reading?: Reading | undefined
  arrivedAt?: number | undefined
  /** of each value of `reading` that was measured at another time; absent when none was */
  valueTimes?: Readonly<Record<string, ValueTime>> | undefined
}

/** A reading that arrived; from the store the arrival is not known. */
export interface Arrived {
  reading: Reading
  arrivedAt?: number | undefined
  valueTimes?: Readonly<Record<string, ValueTime>> | undefined
}

/** When a value that is held was measured; undefined when it is not held. */
export function timeOfValue(held: Newest, name: string): ValueTime | undefined {
  const older = held.valueTimes?.[name]
  if (older) return older
  if (!held.reading || valuesOf(held.reading)[name] === undefined) return undefined
  return { ts: held.reading.ts, arrivedAt: held.arrivedAt }
}

/** Whether a value stands for another of the same name. */
function isNewer(next: ValueTime, than: ValueTime, clock: Pick<ClockState, 'slowMs'>): boolean {
  if (next.ts === than.ts) return next.arrivedAt !== undefined && next.arrivedAt >= (than.arrivedAt ?? 0)
  const a = effectiveTime(next.ts, next.arrivedAt, clock)
  const b = effectiveTime(than.ts, than.arrivedAt, clock)
  return a === b ? (next.arrivedAt ?? 0) >= (than.arrivedAt ?? 0) : a > b
}

/** Whether a reading that is newer holds all the values that are held, each at one time: the most frequent case, and the cheapest. */
function standsForAll(held: Newest, came: Arrived): boolean {
  if (!held.reading || held.valueTimes || came.valueTimes) return false
  const values = valuesOf(came.reading)
  for (const name in valuesOf(held.reading)) if (!(name in values)) return false
  return true
}

/**
 * Unites what is held of a sensor with a reading that arrived, value by value: the newest of each stays. Of values of one time
 * of measuring the one that arrived last wins; one of the store, whose arrival is not known, only fills in. Undefined when
 * nothing is new. A reading of a clock that is ahead must not be given.
 */
export function unite(held: Newest, came: Arrived, clock: Pick<ClockState, 'slowMs'> = {}): Newest | undefined {
  if (!held.reading) {
    const { reading, arrivedAt, valueTimes } = came
    return { reading, arrivedAt, valueTimes }
  }
  const heldBase: ValueTime = { ts: held.reading.ts, arrivedAt: held.arrivedAt }
  const cameBase: ValueTime = { ts: came.reading.ts, arrivedAt: came.arrivedAt }
  const leads = isNewer(cameBase, heldBase, clock)
  if (leads && standsForAll(held, came))
    return { reading: came.reading, arrivedAt: came.arrivedAt, valueTimes: undefined }
  const values: Record<string, Value | undefined> = { ...valuesOf(held.reading) }
  const states: Record<string, ValueState> = { ...held.reading.states }
  const times = new Map<string, ValueTime>()
  for (const name of Object.keys(values)) times.set(name, held.valueTimes?.[name] ?? heldBase)
  let changed = leads
  for (const [name, value] of Object.entries(valuesOf(came.reading))) {
    const next = came.valueTimes?.[name] ?? cameBase
    const known = times.get(name)
    if (known && !isNewer(next, known, clock)) continue
    values[name] = value
    const state = came.reading.states?.[name]
    if (state === undefined) delete states[name]
    else states[name] = state
    times.set(name, next)
    changed = true
  }
  if (!changed) return undefined
  const base = leads ? cameBase : heldBase
  const older = [...times].filter(([, { ts }]) => ts !== base.ts)
  const { seq: _seq, states: _states, ...lead } = leads ? came.reading : held.reading
  const seq = leads ? came.reading.seq : held.reading.seq
  return {
    // the values are of the kind: each comes from a reading of it
    reading: { ...lead, ...(seq !== undefined && { seq }), ...givenStates(states), values } as Reading,
    arrivedAt: base.arrivedAt,
    valueTimes: older.length > 0 ? Object.fromEntries(older) : undefined,
  }
}

const givenStates = (states: ValueStates) => (Object.keys(states).length > 0 ? { states } : {})

/** The readings that a newest one was made of, the oldest first: each with the values of its own time. */
export function partsOf({ valueTimes = {}, states, ...reading }: NewestReading): Reading[] {
  const parts = new Map<number, Record<string, Value | undefined>>()
  for (const [name, value] of Object.entries(valuesOf(reading))) {
    const ts = valueTimes[name] ?? reading.ts
    parts.set(ts, { ...parts.get(ts), [name]: value })
  }
  return [...parts]
    .sort(([a], [b]) => a - b)
    .map(([ts, values]) => {
      const own = withoutStates(states, (name) => !(name in values))
      return { ...reading, ts, ...(own && { states: own }), values } as Reading // values of the same kind
    })
}

import type { ValueState } from '#telemetry/device-state.ts'
import { type NewestReading, valuesOf } from '#telemetry/reading.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import { valueLookbackMs } from './store.ts'

/**
 * What is newest in two sets of readings of one sensor, each given by its newest reading with the newest of each value. Of what
 * both have of one time the second counts, which was stored later.
 */
export function newerReading(first: NewestReading | undefined, second: NewestReading): NewestReading {
  if (!first) return second
  const [newest, other] = second.ts >= first.ts ? [second, first] : [first, second]
  const values: Record<string, Value | undefined> = { ...newest.values }
  const times: Record<string, number> = { ...newest.valueTimes }
  const states: Record<string, ValueState> = { ...newest.states }
  for (const [name, value] of Object.entries(valuesOf(other))) {
    const ts = other.valueTimes?.[name] ?? other.ts
    const known = name in values ? (times[name] ?? newest.ts) : Number.NEGATIVE_INFINITY
    const isNewer = ts > known || (ts === known && other === second)
    if (!isNewer || newest.ts - ts >= valueLookbackMs) continue
    values[name] = value
    const state = other.states?.[name]
    if (state === undefined) delete states[name]
    else states[name] = state
    if (ts < newest.ts) times[name] = ts
    else delete times[name]
  }
  const { valueTimes: _times, states: _states, ...reading } = newest
  const said = Object.keys(states).length > 0 ? { states } : {}
  const older = Object.keys(times).length > 0 ? { valueTimes: times } : {}
  // values of its own kind, each validated when it was read
  return { ...reading, ...older, ...said, values } as NewestReading
}

import type { Newest, ValueTime } from './newest.ts'
import { staleAfterMs } from './period.ts'
import { type Reading, valuesOf } from './reading.ts'
import type { SensorMeta, SensorState } from './sensor.ts'

/** `offline`: said so itself, or its last will did. `stale`: silent for more than three periods. `waiting`: no reading yet. */
export type Freshness = 'fresh' | 'stale' | 'offline' | 'waiting'

type Current = Pick<SensorState, 'connection' | 'meta' | 'reading' | 'arrivedAt'>

/** How current a sensor's newest reading is at `now` (epoch ms), by its arrival: here a sensor is called stale. */
export function freshness(state: Current, now: number): Freshness {
  if (state.connection === 'offline') return 'offline'
  if (!state.reading) return 'waiting'
  return now > staleAt(state) ? 'stale' : 'fresh'
}

/** The moment (epoch ms) at which a sensor's newest reading stops being fresh. */
export function staleAt(state: Omit<Current, 'connection'>): number {
  if (!state.reading) return staleAfterMs(state.meta)
  return valueStaleAt({ ts: state.reading.ts, arrivedAt: state.arrivedAt }, state.meta)
}

/** The moment (epoch ms) at which a value stops being fresh. */
export function valueStaleAt({ ts, arrivedAt }: ValueTime, meta: SensorMeta | undefined): number {
  return (arrivedAt ?? ts) + staleAfterMs(meta)
}

/** A sensor's newest reading without the values that are stale at `now` (epoch ms) although the sensor goes on. */
export function freshReading(state: Newest & Pick<SensorState, 'meta'>, now: number): Reading | undefined {
  const { reading, valueTimes, meta } = state
  if (!reading || !valueTimes) return reading
  const stale = Object.entries(valueTimes).filter(([, time]) => now > valueStaleAt(time, meta))
  if (stale.length === 0) return reading
  const names = new Set(stale.map(([name]) => name))
  const values = Object.fromEntries(Object.entries(valuesOf(reading)).filter(([name]) => !names.has(name)))
  return { ...reading, values } as Reading // values of the same kind, fewer of them
}

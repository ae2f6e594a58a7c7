import type { ValueState } from '#telemetry/device-state.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { NewestReading, Reading } from '#telemetry/reading.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import { valuesOfKind } from '#telemetry/values.ts'
import { maxLookbacks, valueLookbackMs } from './store.ts'

/** Which values to look for: of every sensor of a kind the newest of each of these with `from <= ts < to`. */
export interface ValuesQuery {
  kind: Kind
  values: readonly string[]
  from: number
  to: number
}

/** The newest of one value of one sensor. */
export interface FoundValue {
  sensor: string
  name: string
  ts: number
  value: Value
  /** absent while it was being measured */
  state?: ValueState
}

/**
 * Completes newest readings of a kind, each of another sensor, with the newest of each value that they do not hold. `skip` gets
 * how many are left as they are, for there are more stretches of time than are looked through.
 */
export async function withOlderValues(
  kind: Kind,
  readings: readonly Reading[],
  find: (query: ValuesQuery) => Promise<FoundValue[]>,
  skip: (sensors: number) => void,
): Promise<NewestReading[]> {
  const complete = new Map<string, NewestReading>(readings.map((reading) => [reading.sensor, reading]))
  const { spans, skipped } = spansOf(kind, readings)
  if (skipped > 0) skip(skipped)
  for (const { from, to, lacking } of spans)
    for (const found of await find({ kind, values: [...lacking], from, to })) {
      const reading = complete.get(found.sensor)
      if (reading) complete.set(found.sensor, completed(reading, found))
    }
  return [...complete.values()]
}

function completed(reading: NewestReading, { name, ts, value, state }: FoundValue): NewestReading {
  const age = reading.ts - ts
  const known = reading.valueTimes?.[name] ?? (name in reading.values ? reading.ts : 0)
  if (ts <= known || age <= 0 || age >= valueLookbackMs) return reading
  const { values, valueTimes = {}, states } = reading
  // of the reading's own kind, and validated when it came in
  return {
    ...reading,
    values: { ...values, [name]: value },
    ...(state && { states: { ...states, [name]: state } }),
    valueTimes: { ...valueTimes, [name]: ts },
  } as NewestReading
}

interface Span {
  from: number
  to: number
  /** the values that readings of this span do not hold */
  lacking: Set<string>
}

/** The stretches of time before the readings, each once however many sensors spoke in it, and how many readings are of none. */
function spansOf(kind: Kind, readings: readonly Reading[]): { spans: Span[]; skipped: number } {
  const names = valuesOfKind[kind].map(({ name }) => name)
  const spans: Span[] = []
  let skipped = 0
  for (const { ts, values } of readings.toSorted((a, b) => b.ts - a.ts)) {
    const lacking = names.filter((name) => !(name in values))
    if (lacking.length === 0) continue
    const last = spans.at(-1)
    if (last && ts >= last.from) {
      last.from = ts - valueLookbackMs
      for (const name of lacking) last.lacking.add(name)
    } else if (spans.length < maxLookbacks)
      spans.push({ from: ts - valueLookbackMs, to: ts, lacking: new Set(lacking) })
    else skipped += 1
  }
  return { spans, skipped }
}

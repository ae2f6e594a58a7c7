import type { Screen } from './screen.ts'
import type { Sensors } from './sensors.ts'

/** What one phase of an outage looked like. */
export interface PhaseRow {
  phase: string
  seconds: number
  'acknowledged/s': number
  'PUBACK p99 ms': number
  'shown/s': number
  'live p50 ms': number
  'live p95 ms': number
  'live p99 ms': number
  'stored/s': number
  'journal MB': number
  /** highest resident memory of each process */
  [memory: `${string} RSS MB`]: number
}

/** What is measured once a second. */
export interface Sample {
  stored: number
  journalBytes: number
  /** resident memory now, MB, by process */
  memory: Readonly<Record<string, number>>
}

/** Nearest rank. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Watches until `over` says so, and returns what was measured. */
export async function watch(
  phase: string,
  parts: { sensors: Sensors; screen: Screen; sample: () => Promise<Sample> },
  over: (sample: Sample, seconds: number) => boolean,
): Promise<PhaseRow> {
  const { sensors, screen, sample } = parts
  const first = await sample()
  const acknowledged = sensors.acknowledged
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1_000
  const highest: Record<string, number> = {}
  screen.drain()
  sensors.drainWaits()
  let last = first
  do {
    await new Promise((resolve) => setTimeout(resolve, 250))
    last = await sample()
    for (const [name, mb] of Object.entries(last.memory)) highest[name] = Math.max(highest[name] ?? 0, mb)
  } while (!over(last, seconds()))
  const took = seconds()
  const delays = screen.drain().sort((a, b) => a - b)
  const waits = sensors.drainWaits().sort((a, b) => a - b)
  const row: PhaseRow = {
    phase,
    seconds: Math.round(took),
    'acknowledged/s': Math.round((sensors.acknowledged - acknowledged) / took),
    'PUBACK p99 ms': Math.round(percentile(waits, 0.99)),
    'shown/s': Math.round(delays.length / took),
    'live p50 ms': percentile(delays, 0.5),
    'live p95 ms': percentile(delays, 0.95),
    'live p99 ms': percentile(delays, 0.99),
    'stored/s': Math.round((last.stored - first.stored) / took),
    'journal MB': Math.round(last.journalBytes / 1e6),
    ...Object.fromEntries(Object.entries(highest).map(([name, mb]) => [`${name} RSS MB`, mb])),
  }
  console.error(JSON.stringify(row))
  return row
}

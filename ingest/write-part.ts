import type { LiveReading } from '#telemetry/live.ts'
import type { StoreOptions } from './until-stored.ts'

/** Writes readings once, and counts what the store then has and which of them corrected another. */
export async function writePart(part: readonly LiveReading[], { store, metrics }: StoreOptions): Promise<void> {
  const { corrected } = await store.write(part.map(({ reading }) => reading))
  metrics.stored.inc(part.length)
  metrics.corrected.inc(corrected)
}

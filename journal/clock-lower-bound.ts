import type { Logger } from 'pino'
import type { SteadyClock } from '#telemetry/steady-clock.ts'

/** Lets a clock begin with the newest time in the journal (epoch ms) at least; says loudly when that of the machine is behind it. */
export function applyClockLowerBound(clock: SteadyClock, newest: number, log: Logger): void {
  const before = clock.offMs
  clock.notBefore(newest)
  const { offMs } = clock
  if (offMs >= 0 || offMs === before) return
  log.error(
    { offSeconds: offMs / 1_000, newest: new Date(newest).toISOString() },
    `the clock of this machine is ${Math.round(-offMs / 1_000)} s behind the newest time in the journal: set it right`,
  )
}

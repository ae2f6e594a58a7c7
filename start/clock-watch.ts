import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'
import { jumpMs } from '#telemetry/steady-clock.ts'

/** ms between two checks */
const checkMs = 1_000

export interface ClockWatchOptions {
  registry: Registry
  log: Logger
  /** the clock of the machine, epoch ms */
  wall?: () => number
  /** ms that have passed; never goes back */
  elapsed?: () => number
}

/**
 * Reports, as an error and as a metric, when the clock of this machine jumps: the time it shows and the time that has passed part
 * by more than 5 s between two checks, a second apart. A machine that slept looks like a jump ahead.
 */
export function watchClock(options: ClockWatchOptions): { close(): Promise<void> } {
  const { registry, log, wall = () => Date.now(), elapsed = () => performance.now() } = options
  const registers = [registry]
  const jumps = new Counter({
    name: 'nhip_clock_jumps_total',
    help: 'times that the clock of this machine jumped, by direction',
    labelNames: ['direction'],
    registers,
  })
  for (const direction of ['ahead', 'back']) jumps.inc({ direction }, 0)
  const last = new Gauge({
    name: 'nhip_clock_jump_seconds',
    help: 'the last jump of the clock of this machine: ahead (positive) or back; 0 when there was none',
    registers,
  })
  let apart = wall() - elapsed()
  const timer = setInterval(() => {
    const now = wall() - elapsed()
    const jumped = now - apart
    apart = now
    if (Math.abs(jumped) <= jumpMs) return
    const direction = jumped > 0 ? 'ahead' : 'back'
    jumps.inc({ direction })
    last.set(jumped / 1_000)
    log.error(
      { jumpedSeconds: jumped / 1_000, now: new Date(wall()).toISOString() },
      `the clock of this machine jumped ${Math.abs(jumped / 1_000).toFixed(1)} s ${direction}: set it right, if it is wrong now, and look at what sets it (NTP)`,
    )
  }, checkMs)
  timer.unref()
  return {
    async close() {
      clearInterval(timer)
    },
  }
}

import { hourMs } from '#telemetry/durations.ts'

/** ms within which the newest reading of a sensor counts as on time */
const onTimeMs = hourMs
/** ms within which sensors are late in common */
const sameMs = 600_000
/** sensors heard; so many are enough to tell */
const maxSensors = 1_000

/**
 * Whether sensors confirm the clock that arrivals are taken from. Where most of them are late by the same, it is that clock which
 * is ahead. Of each sensor the reading counts that came nearest to its time: what it sends later of the past says nothing.
 */
export class CommonLateness {
  /** by sensor: ms by which its best reading was late (negative: ahead) */
  readonly #lateMs = new Map<string, number>()
  #onTime = 0
  #confirmed: boolean | undefined

  /** A reading of this sensor was so many ms late. */
  observe(sensor: string, lateMs: number): void {
    const best = this.#lateMs.get(sensor)
    if (best === undefined ? this.#lateMs.size >= maxSensors : Math.abs(best) <= Math.abs(lateMs)) return
    this.#lateMs.set(sensor, lateMs)
    const isOnTime = (ms: number | undefined) => ms !== undefined && Math.abs(ms) <= onTimeMs
    if (isOnTime(best)) return
    if (isOnTime(lateMs)) this.#onTime += 1
    this.#confirmed = undefined
  }

  /** Whether at least as many sensors are on time as are late by the same; false before anybody was heard. */
  get isConfirmed(): boolean {
    this.#confirmed ??= this.#onTime > 0 && this.#lateInCommon() <= this.#onTime
    return this.#confirmed
  }

  #lateInCommon(): number {
    const late = [...this.#lateMs.values()].filter((ms) => ms > onTimeMs).sort((one, other) => one - other)
    let most = 0
    for (let from = 0, to = 0; to < late.length; to++) {
      while ((late[to] ?? 0) - (late[from] ?? 0) > sameMs) from++
      most = Math.max(most, to - from + 1)
    }
    return most
  }
}

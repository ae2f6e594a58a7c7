import type { Logger } from 'pino'
import { z } from 'zod'
import type { Kind } from '#telemetry/kinds.ts'
import { kindModules } from '#telemetry/kinds.ts'
import { type Reading, unitedReadingSchema } from '#telemetry/reading.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import { isUnitedReading } from './united-reading.ts'

/** ms between two warnings */
const warnEveryMs = 60_000
const longestReason = 300

/**
 * Makes readings of what a store holds. What is none, because others write there too or a release knew other values, is left out,
 * counted and logged; no query fails because of it.
 */
export class StoredReadings {
  readonly #log: Logger
  #leftOut = 0
  #warnedAt = Number.NEGATIVE_INFINITY

  constructor(log: Logger) {
    this.#log = log
  }

  /** The reading that a row or point is, united as it may be; undefined when it is none. */
  readingOf(row: Readonly<Record<string, unknown>>): Reading | undefined {
    if (isUnitedReading(row)) return row
    const { success, data, error } = unitedReadingSchema.safeParse(row)
    if (success) return data
    this.#leaveOut(row.kind, row.sensor, error)
    return undefined
  }

  /** A value of a kind that was found alone; undefined when it cannot be one. */
  valueOf(kind: Kind, name: string, value: unknown, sensor: unknown): Value | undefined {
    const values: Readonly<Record<string, { schema: z.ZodType }>> = kindModules[kind].values
    const { success, data, error } = values[name]?.schema.safeParse(value) ?? z.never().safeParse(value)
    if (success) return data as Value // a value of a kind is a number or a word
    this.#leaveOut(kind, sensor, error)
    return undefined
  }

  /** Logs that so many sensors of a kind have no values older than their newest reading. */
  readonly withoutOlder = (kind: Kind, sensors: number): void => {
    this.#log.warn(
      { kind, sensors },
      'sensors fell silent at too many different times: the oldest have no older values',
    )
  }

  #leaveOut(kind: unknown, sensor: unknown, error: z.ZodError): void {
    this.#leftOut += 1
    if (performance.now() - this.#warnedAt < warnEveryMs) return
    this.#warnedAt = performance.now()
    const reason = z.prettifyError(error).slice(0, longestReason)
    this.#log.warn(
      { kind, sensor, reason, leftOut: this.#leftOut },
      'the store holds what is no reading: left out of answers; see who else writes there, and which release did',
    )
  }
}

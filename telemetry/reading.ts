import { z } from 'zod'
import { valueStatesSchema } from './device-state.ts'
import { minuteMs } from './durations.ts'
import { type Kind, type KindModules, kindModules, kinds } from './kinds.ts'
import { idSchema, timestampSchema, type Values } from './reading-parts.ts'

/** ms that a reading may be measured ahead of its arrival; further ahead the sensor's clock is wrong */
export const maxClockAheadMs = 5 * minuteMs

const identity = {
  district: idSchema,
  /** unique on the platform */
  sensor: idSchema,
  /** time of measuring, epoch milliseconds UTC */
  ts: timestampSchema,
  /** counts up per sensor from its start-up */
  seq: z.number().int().min(0).optional(),
  /** ms that `ts` lay ahead of the reading's arrival, where that was more than {@link maxClockAheadMs}: the sensor's clock is wrong */
  aheadMs: z.number().int().positive().optional(),
  /** of values that the device was not measuring: they are kept and drawn, and left out of means, indices and alerts */
  states: valueStatesSchema.optional(),
}

type Identity = z.infer<z.ZodObject<typeof identity>>
type ReadingOf<Id extends Kind> = Identity & { kind: Id; values: z.infer<KindModules[Id]['schema']> }

/** One measurement of one sensor, validated. Identified by (sensor, ts). */
export type Reading = { [Id in Kind]: ReadingOf<Id> }[Kind]

/** The schema of readings whose values pass, for each kind, the schema chosen. */
function readingsOf(choose: (kind: Kind) => z.ZodType): z.ZodType<Reading> {
  const [first, ...others] = kinds.map((kind) => z.object({ ...identity, kind: z.literal(kind), values: choose(kind) }))
  if (!first) throw new RangeError('there is no kind')
  const schema: unknown = z.discriminatedUnion('kind', [first, ...others])
  return schema as z.ZodType<Reading> // one member a kind, as the type says
}

/** A reading as its sensor sent it, in one message. */
export const readingSchema = readingsOf((kind) => kindModules[kind].schema)

/**
 * A reading that may be united of several messages of one time, a correction among them, or of one step of time: what is checked
 * between the values of one message does not hold. So is all that comes from a store or the live feed.
 */
export const unitedReadingSchema = readingsOf((kind) => kindModules[kind].unitedSchema)

/** The newest of every value as one reading: of values of several times, what is checked between values of one does not hold. */
export const newestReadingSchema = readingsOf((kind) => kindModules[kind].looseSchema)

/**
 * The newest of every value of a sensor, as one reading with the time of the newest. `valueTimes` holds the time of measuring
 * (epoch ms) of each value that is older than that; absent when none is.
 */
export type NewestReading = Reading & { valueTimes?: Readonly<Record<string, number>> }

/** A reading's values by name: none but those of its kind. */
export const valuesOf = ({ values }: Reading): Values => values

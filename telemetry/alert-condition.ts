import { z } from 'zod'
import { causeWords } from './glossary/alert-cause.ts'
import { bandWords } from './glossary/vn-aqi-band.ts'
import { wordedEnum } from './glossary/worded-enum.ts'
import { stalePeriods } from './period.ts'

/** the on-delay: s that a condition must be met before it is an alert; at most a day */
const forSeconds = z.number().int().min(0).max(86_400)
const valueName = z.string().min(1).max(64)
const size = z.number().finite()

/** Bands of VN_AQI from which an alert may be raised, from the mildest to the worst; ids as in vn-aqi.ts. */
export const alertBands = ['moderate', 'sensitive', 'unhealthy', 'very-unhealthy', 'hazardous'] as const

/** What makes a sensor of a group count as failing. */
export const failures = ['silence', 'offline', 'lamp-dark', 'lamp-fault'] as const
export type Failure = (typeof failures)[number]

/** A value beyond a limit. It clears when the value is back by the deadband, `hysteresis` (unit of the value), on the good side of the limit. */
const threshold = z.object({
  type: z.literal('threshold'),
  value: valueName,
  /** raised when above this, unit of the value */
  above: size.optional(),
  /** raised when below this, unit of the value */
  below: size.optional(),
  hysteresis: z.number().min(0).default(0),
  forSeconds: forSeconds.default(0),
})

/**
 * A value that reaches a level of the sensor's own, which its meta says under this name: such as a warning level. It clears when
 * the value is back by `hysteresis` (unit of the value). A sensor that has not said its level is not watched.
 */
const ownLevel = z.object({
  type: z.literal('own-level'),
  value: valueName,
  /** name in the sensor's meta */
  level: valueName,
  /** raised from the level upwards, or downwards */
  side: z.enum(['above', 'below']).default('above'),
  hysteresis: z.number().min(0).default(0),
  forSeconds: forSeconds.default(0),
})

/** A value that rises or falls by `change` (unit of the value) within `withinSeconds`. It clears when it no longer does. */
const rate = z.object({
  type: z.literal('rate'),
  value: valueName,
  direction: z.enum(['up', 'down', 'either']).default('either'),
  change: z.number().positive(),
  withinSeconds: z.number().int().min(1).max(86_400),
})

/** A value that stays within `tolerance` (unit of the value) while the sensor goes on reporting. */
const stuck = z.object({
  type: z.literal('stuck'),
  value: valueName,
  tolerance: z.number().min(0).default(0),
  forSeconds: forSeconds.min(60),
})

/** No reading for so many of the sensor's own periods, but at least `minSeconds`. */
const silence = z.object({
  type: z.literal('silence'),
  periods: z.number().min(1).max(1_000).default(stalePeriods),
  minSeconds: forSeconds.default(0),
})

/** A lamp that should burn and does not, by the sun at its place. */
const lampDark = z.object({ type: z.literal('lamp-dark'), forSeconds: forSeconds.default(300) })

/** A lamp that burns by day, by the sun at its place. */
const lampBurning = z.object({ type: z.literal('lamp-burning'), forSeconds: forSeconds.default(300) })

/** A lamp that reports a fault of itself. */
const lampFault = z.object({ type: z.literal('lamp-fault'), forSeconds: forSeconds.default(300) })

/** A burning lamp whose power is far from nominal power × dimming level. */
const lampPower = z.object({ type: z.literal('lamp-power'), forSeconds: forSeconds.default(300) })

/** The hourly VN_AQI of a station reaches a band. It clears `hysteresis` (points of the index) below the band. */
const vnAqi = z.object({
  type: z.literal('vn-aqi'),
  band: wordedEnum(alertBands, bandWords),
  hysteresis: z.number().min(0).max(50).default(5),
})

/** Free-flow speed over measured speed reaches `index`. It clears `hysteresis` below it. */
const congestion = z.object({
  type: z.literal('congestion'),
  index: z.number().min(1).max(20).default(2),
  hysteresis: z.number().min(0).max(5).default(0.2),
  forSeconds: forSeconds.default(300),
})

/** A clock that is ahead, or steadily slow, by more than `offBySeconds`. It clears with the first right reading. */
const clock = z.object({ type: z.literal('clock'), offBySeconds: z.number().int().min(300).max(86_400).default(300) })

/** Neighbours that fail together: at least `atLeast` sensors, each no more than `withinMetres` from the next, in any of these ways. */
const group = z.object({
  type: z.literal('group'),
  failures: z.array(z.enum(failures)).min(1),
  atLeast: z.number().int().min(2).max(1_000).default(stalePeriods),
  withinMetres: z.number().min(1).max(10_000).default(500),
  forSeconds: forSeconds.default(60),
})

/** What a rule looks for; `type` is also the cause of its alerts. */
export const conditionSchema = z.discriminatedUnion('type', [
  threshold,
  ownLevel,
  rate,
  stuck,
  silence,
  lampDark,
  lampBurning,
  lampFault,
  lampPower,
  vnAqi,
  congestion,
  clock,
  group,
])
export type Condition = z.infer<typeof conditionSchema>
/** A condition as it is given: what is left out is as usual. */
export type ConditionGiven = z.input<typeof conditionSchema>
export type Cause = Condition['type']

/** Every cause of an alert, in the order they are listed. */
export const causes = [
  'threshold',
  'own-level',
  'rate',
  'stuck',
  'silence',
  'lamp-dark',
  'lamp-burning',
  'lamp-fault',
  'lamp-power',
  'vn-aqi',
  'congestion',
  'clock',
  'group',
] as const satisfies readonly Cause[]
export const causeSchema = wordedEnum(causes, causeWords)

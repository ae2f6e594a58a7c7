import { z } from 'zod'
import { connectionWords } from '../glossary/connection.ts'
import type { Words } from '../language.ts'
import { stalePeriods } from '../period.ts'
import { defineCondition, forSeconds, type GivenOf } from './define-condition.ts'

const valueName = z.string().min(1).max(64)
const size = z.number().finite()

/** A value beyond a limit. It clears when the value is back by the deadband, `hysteresis` (unit of the value), on the good side of the limit. */
const threshold = defineCondition(
  'threshold',
  { vi: 'vượt ngưỡng', en: 'beyond a limit' },
  {
    value: valueName,
    /** raised when above this, unit of the value */
    above: size.optional(),
    /** raised when below this, unit of the value */
    below: size.optional(),
    hysteresis: z.number().min(0).default(0),
    forSeconds: forSeconds.default(0),
  },
)

/**
 * A value that reaches a level of the sensor's own, which its meta says under this name: such as a warning level. It clears when
 * the value is back by `hysteresis` (unit of the value). A sensor that has not said its level is not watched.
 */
const ownLevel = defineCondition(
  'own-level',
  { vi: 'đạt mức riêng của cảm biến', en: 'at a level of the sensor’s own' },
  {
    value: valueName,
    /** name in the sensor's meta */
    level: valueName,
    /** raised from the level upwards, or downwards */
    side: z.enum(['above', 'below']).default('above'),
    hysteresis: z.number().min(0).default(0),
    forSeconds: forSeconds.default(0),
  },
)

/** A value that rises or falls by `change` (unit of the value) within `withinSeconds`. It clears when it no longer does. */
const rate = defineCondition(
  'rate',
  { vi: 'thay đổi nhanh', en: 'changing fast' },
  {
    value: valueName,
    direction: z.enum(['up', 'down', 'either']).default('either'),
    change: z.number().positive(),
    withinSeconds: z.number().int().min(1).max(86_400),
  },
)

/** A value that stays within `tolerance` (unit of the value) while the sensor goes on reporting. */
const stuck = defineCondition(
  'stuck',
  { vi: 'giá trị không đổi', en: 'stuck value' },
  { value: valueName, tolerance: z.number().min(0).default(0), forSeconds: forSeconds.min(60) },
)

const silentWords = { vi: 'mất tín hiệu', en: 'silent' } satisfies Words

/** No reading for so many of the sensor's own periods, but at least `minSeconds`. */
const silence = defineCondition('silence', silentWords, {
  periods: z.number().min(1).max(1_000).default(stalePeriods),
  minSeconds: forSeconds.default(0),
})

/** A clock that is ahead, or steadily slow, by more than `offBySeconds`. It clears with the first right reading. */
const clock = defineCondition(
  'clock',
  { vi: 'đồng hồ sai', en: 'clock wrong' },
  { offBySeconds: z.number().int().min(300).max(86_400).default(300) },
  { cameLater: true },
)

/** Conditions for sensors of every kind, beside {@link groupCondition}. */
export const generalConditions = [threshold, ownLevel, rate, stuck, silence, clock] as const

/** The ways in which sensors of every kind fail, with what each is called. */
export const generalFailures = { silence: silentWords, offline: connectionWords.offline } as const
type GeneralFailure = keyof typeof generalFailures

/** Neighbours that fail together: at least `atLeast` sensors, each no more than `withinMetres` from the next, in any of these ways. */
export const groupCondition = <const Failure extends string>(failures: readonly Failure[]) =>
  defineCondition(
    'group',
    { vi: 'nhiều thiết bị liền kề cùng hỏng', en: 'neighbours failing together' },
    {
      failures: z.array(z.enum(failures)).min(1),
      atLeast: z.number().int().min(2).max(1_000).default(3),
      withinMetres: z.number().min(1).max(10_000).default(500),
      forSeconds: forSeconds.default(60),
    },
  )

/** The condition of a rule that any kind may have, given; `Failure`: ways of failing of its own. */
export type GeneralConditionGiven<Failure extends string = never> =
  | GivenOf<(typeof generalConditions)[number]>
  | GivenOf<ReturnType<typeof groupCondition<Failure | GeneralFailure>>>

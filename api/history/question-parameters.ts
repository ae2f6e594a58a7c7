import { z } from 'zod'
import { questionShape } from '#telemetry/history-question.ts'
import { timeParameter } from '../server/time-parameter.ts'

/** A moment in a body: as text, or epoch milliseconds as a number. */
const bodyTime = z.preprocess((given) => (typeof given === 'number' ? String(given) : given), timeParameter)

/** A question as it is posted. */
export const questionBody = z.object({ ...questionShape, from: bodyTime.optional(), to: bodyTime.optional() })

/** `?a=x,y` or `?a=x&a=y` */
export const several = <Schema extends z.ZodType>(list: Schema) =>
  z.preprocess(
    (given) => (given === undefined ? undefined : [given].flat().flatMap((each) => String(each).split(','))),
    list,
  )
const { kind, groupBy, window, compare, zone } = questionShape
const { sensors, districts, wards, values, functions, limit } = questionShape

/** A simple question as an address says it: one with a profile, points, roads or tags is posted. */
export const questionQuery = z.object({
  ...{ kind, groupBy, window, compare, zone },
  sensors: several(sensors),
  districts: several(districts),
  wards: several(wards),
  values: several(values),
  functions: several(functions),
  limit: z.coerce
    .number()
    .pipe(limit.unwrap())
    .optional()
    .describe(limit.description ?? ''),
  from: timeParameter.optional(),
  to: timeParameter.optional(),
})

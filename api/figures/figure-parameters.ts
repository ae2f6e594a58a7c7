import { z } from 'zod'
import { figureGroupings, figureWindows } from '#telemetry/figures/figure-windows.ts'
import { questionShape } from '#telemetry/history-question.ts'
import { several } from '../history/question-parameters.ts'
import { timeParameter } from '../server/time-parameter.ts'

const { sensors, districts, wards } = questionShape

/** What official figures are asked for with, in an address. */
export const hourlyFigureQuery = z.object({
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  window: z
    .enum(figureWindows)
    .default('1d')
    .describe('hours, days, months or years by the city’s clock (`TIME_ZONE`); from and to are widened to whole ones'),
  groupBy: z.enum(figureGroupings).default('sensor').describe('whose figures: of each sensor, ward or district'),
  sensors: several(sensors),
  districts: several(districts),
  wards: several(wards),
})

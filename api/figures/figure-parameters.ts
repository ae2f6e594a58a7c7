import { z } from 'zod'
import { figureGroupings, figureWindows } from '#telemetry/figures/figure-windows.ts'
import { questionShape } from '#telemetry/history-question.ts'
import { several } from '../history/question-parameters.ts'
import { timeParameter } from '../server/time-parameter.ts'

const spanShape = { from: timeParameter.optional(), to: timeParameter.optional() }
const placeShape = {
  sensors: several(questionShape.sensors),
  districts: several(questionShape.districts),
  wards: several(questionShape.wards),
}

/** Of whom and of when figures of any span are asked for, as an address says it. */
export const figureQueryShape = { ...spanShape, ...placeShape, roads: several(questionShape.roads) }

/** By what sensors of figures of any span are put together; `of`: what these are called. */
export const groupByOf = (of: string) =>
  z.enum(['sensor', 'road', 'ward', 'district', 'none']).default('sensor').describe(`by what ${of} are put together`)

/** Length of the buckets beside figures of any span. */
export const windowOf = <const Windows extends readonly [string, ...string[]]>(windows: Windows) =>
  z.enum(windows).optional().describe('length of the buckets of series; without it there are none')

/** What figures of air and water are asked for with, in an address: they are of whole windows. */
export const hourlyFigureQuery = z.object({
  ...spanShape,
  window: z
    .enum(figureWindows)
    .default('1d')
    .describe('hours, days, months or years by the city’s clock (`TIME_ZONE`); from and to are widened to whole ones'),
  groupBy: z.enum(figureGroupings).default('sensor').describe('whose figures: of each sensor, ward or district'),
  ...placeShape,
})

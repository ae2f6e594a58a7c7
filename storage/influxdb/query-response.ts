import { z } from 'zod'
import { StatementError } from './errors.ts'

const seriesSchema = z.object({
  name: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  columns: z.array(z.string()),
  values: z.array(z.array(z.union([z.number(), z.string(), z.boolean(), z.null()]))).default([]),
})
/** One table of an answer. */
export type Series = z.infer<typeof seriesSchema>

const answerSchema = z.object({
  results: z.array(z.object({ series: z.array(seriesSchema).optional(), error: z.string().optional() })),
})

/**
 * The tables in an answer of `/query`.
 * @throws StatementError when a statement failed, which InfluxDB says within an answer that is otherwise well
 */
export function seriesOf(answer: unknown): Series[] {
  const { data } = answerSchema.safeParse(answer)
  if (!data) throw new StatementError('what answers is not InfluxDB')
  const fault = data.results.find(({ error }) => error !== undefined)
  if (fault) throw new StatementError(fault.error)
  return data.results.flatMap(({ series = [] }) => series)
}

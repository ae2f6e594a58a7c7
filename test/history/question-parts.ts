import type { Placements } from '#history/placements.ts'
import { answerQuestion } from '#history/question/answer-question.ts'
import { type AnswerLimits, planQuestion } from '#history/question/plan.ts'
import { weighQuestion } from '#history/question/weigh-question.ts'
import { readReportingSteps } from '#storage/reporting-steps.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { HistoryFigure, HistoryQuestion } from '#telemetry/history-question.ts'

export const plenty: AnswerLimits = { series: 1_000, figures: 1_000_000 }
export const context = { signal: new AbortController().signal }

/** What stands for any number of sensors of a place. */
export const placedIn = (ids: readonly string[], ward = 'tan-ninh'): Placements =>
  new Map(
    ids.map((id) => [
      id,
      [{ from: Number.NEGATIVE_INFINITY, kind: 'air-quality' as const, district: 'tay-ninh', ward }],
    ]),
  )

/** a ward without any sensor */
export const places = { districts: ['tay-ninh'], wards: ['tan-ninh', 'binh-minh'] }

interface Asked {
  placements: Placements
  now: number
  zone?: string
  limits?: AnswerLimits
}

/** A question with what most of them have. */
export const question = (given: Partial<HistoryQuestion>): HistoryQuestion => ({
  ...{ kind: 'air-quality', values: ['pm25'], functions: ['mean'] },
  ...given,
})

/** Asks a store: the figures of each series, by value and id of the group. */
export async function askStore(
  store: TelemetryStore,
  given: Partial<HistoryQuestion>,
  { placements, now, zone = 'Asia/Ho_Chi_Minh', limits = plenty }: Asked,
): Promise<Record<string, HistoryFigure[]>> {
  const plan = planQuestion(question(given), { placements, places, limits, zone, now })
  const steps = await readReportingSteps(store, { sensors: [...placements.keys()], to: plan.span.to })
  await weighQuestion(store, plan, steps)
  const series: Record<string, HistoryFigure[]> = {}
  for await (const { value, group, figures } of answerQuestion({ store, plan, steps, context })) {
    const { id } = plan.groups[group] ?? { id: null }
    series[id === null ? value : `${value} ${id}`] = figures
  }
  return series
}

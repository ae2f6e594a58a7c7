import type { AnsweredSeries } from '#history/question/answer-question.ts'
import type { HistoryHead, HistoryLine, HistorySeriesHead } from '#telemetry/history-question.ts'

/** An answer, whose series come one after the other. */
export interface StreamedAnswer {
  head: HistoryHead
  series: AsyncIterable<AnsweredSeries>
  /** what is said of a series beside its figures */
  describe: (series: AnsweredSeries) => HistorySeriesHead
}

/** The answer as one JSON document, in parts. */
export async function* jsonOf({ head, series, describe }: StreamedAnswer): AsyncGenerator<string, void, undefined> {
  yield `${JSON.stringify(head).slice(0, -1)},"series":[`
  let separator = ''
  for await (const one of series) {
    yield separator + JSON.stringify({ ...describe(one), figures: one.figures })
    separator = ','
  }
  yield ']}'
}

/** The answer as JSON lines, in parts. */
export async function* jsonLinesOf({
  head,
  series,
  describe,
}: StreamedAnswer): AsyncGenerator<string, void, undefined> {
  const line = (of: HistoryLine) => `${JSON.stringify(of)}\n`
  yield line({ type: 'head', ...head })
  const count = { series: 0, figures: 0 }
  for await (const one of series) {
    const about = describe(one)
    const { value, group } = about
    count.series += 1
    count.figures += one.figures.length
    yield line({ type: 'series', ...about }) +
      one.figures.map((figure) => line({ type: 'figure', value, group, ...figure })).join('')
  }
  yield line({ type: 'end', ...count })
}

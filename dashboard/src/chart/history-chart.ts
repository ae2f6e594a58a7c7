import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { type ChartPoint, isolated, joinSeries } from './series.ts'

/** Texts and colours of a chart. */
export interface ChartLook {
  ink: string
  grid: string
  line: string
  liveLine: string
  font: string
  formatValue: (value: number) => string
  /** hours and minutes of an epoch ms */
  formatHour: (at: number) => string
}

/** What the pointer is over; undefined when it is elsewhere. */
export type ChartCursor = { ts: number; value: number | undefined } | undefined

/** A drawn chart. */
export interface Chart {
  /** Draws anew, with `from` and `to` (epoch ms) as the ends of the time axis. */
  setData(mean: readonly ChartPoint[], live: readonly ChartPoint[], from: number, to: number): void
  close(): void
}

const height = 190

/** Full hours (s) from `from` to `to`. */
function fullHours(from: number, to: number): number[] {
  const first = Math.ceil(from / 3_600)
  return Array.from({ length: Math.max(0, Math.floor(to / 3_600) - first + 1) }, (_, at) => (first + at) * 3_600)
}

/** Draws a chart of means and live readings into an element and follows its width. Gaps in the data stay gaps. */
export function drawChart(element: HTMLElement, look: ChartLook, onCursor: (at: ChartCursor) => void): Chart {
  let span: [number, number] = [0, 1]
  const axis: uPlot.Axis = {
    stroke: look.ink,
    font: `12px ${look.font}`,
    grid: { stroke: look.grid, width: 1 },
    ticks: { show: false },
  }
  const series = (stroke: string, width: number): uPlot.Series => ({
    stroke,
    width,
    spanGaps: false,
    // a reading with none beside it would not be seen as a line
    points: { size: 4, fill: stroke, width: 0, filter: (plot, of) => isolated(plot.data[of] ?? []) },
  })
  const plot = new uPlot(
    {
      width: Math.max(200, element.clientWidth),
      height,
      padding: [8, 10, 0, 0],
      legend: { show: false },
      scales: { x: { time: true, range: () => span } },
      series: [{}, series(look.line, 1.5), series(look.liveLine, 2)],
      axes: [
        {
          ...axis,
          size: 26,
          splits: (_, __, from, to) =>
            fullHours(from, to).filter((at) => Number.parseInt(look.formatHour(at * 1_000), 10) % 6 === 0),
          values: (_, times) => times.map((at) => look.formatHour(at * 1_000)),
        },
        { ...axis, size: 46, values: (_, values) => values.map((at) => look.formatValue(at)) },
      ],
      cursor: { drag: { x: false, y: false }, y: false },
      hooks: {
        setCursor: [
          ({ cursor: { idx }, data }) => {
            const ts = typeof idx === 'number' ? data[0][idx] : undefined
            if (ts === undefined || typeof idx !== 'number') onCursor(undefined)
            else onCursor({ ts: ts * 1_000, value: data[2]?.[idx] ?? data[1]?.[idx] ?? undefined })
          },
        ],
      },
    },
    [[], [], []],
    element,
  )
  const watch = new ResizeObserver(() => plot.setSize({ width: Math.max(200, element.clientWidth), height }))
  watch.observe(element)
  return {
    setData(mean, live, from, to) {
      span = [from / 1_000, to / 1_000]
      plot.setData(joinSeries(mean, live))
    },
    close() {
      watch.disconnect()
      plot.destroy()
    },
  }
}

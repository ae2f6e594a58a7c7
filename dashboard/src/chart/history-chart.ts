import uPlot from 'uplot'
import type { ChartPoint } from './series.ts'
import { joinSeries } from './series.ts'

/** Texts and colours of a chart. */
export interface ChartLook {
  mean: string
  live: string
  ink: string
  grid: string
  line: string
  liveLine: string
  formatValue: (value: number) => string
  formatTime: (at: number, range: number) => string
}

/** A drawn chart. */
export interface Chart {
  setData(mean: readonly ChartPoint[], live: readonly ChartPoint[]): void
  close(): void
}

const height = 200

/** Draws a chart of means and live readings into an element and follows its width. Gaps in the data stay gaps. */
export function drawChart(element: HTMLElement, look: ChartLook): Chart {
  const axis: uPlot.Axis = {
    stroke: look.ink,
    grid: { stroke: look.grid, width: 1 },
    ticks: { stroke: look.grid, width: 1 },
  }
  const value = (_: uPlot, at: number | null) => (at === null || at === undefined ? '–' : look.formatValue(at))
  const plot = new uPlot(
    {
      width: Math.max(200, element.clientWidth),
      height,
      scales: { x: { time: true } },
      series: [
        { value: (_, at) => (at === null ? '–' : look.formatTime(at * 1_000, 0)) },
        { label: look.mean, stroke: look.line, width: 1.5, value, spanGaps: false },
        { label: look.live, stroke: look.liveLine, width: 1, dash: [3, 2], value, spanGaps: false },
      ],
      axes: [
        { ...axis, space: 60, values: (_, times) => times.map((at) => look.formatTime(at * 1_000, 1)) },
        { ...axis, size: 56, values: (_, values) => values.map((at) => look.formatValue(at)) },
      ],
      cursor: { drag: { x: true, y: false } },
    },
    [[], [], []],
    element,
  )
  const watch = new ResizeObserver(() => plot.setSize({ width: Math.max(200, element.clientWidth), height }))
  watch.observe(element)
  return {
    setData: (mean, live) => plot.setData(joinSeries(mean, live)),
    close() {
      watch.disconnect()
      plot.destroy()
    },
  }
}

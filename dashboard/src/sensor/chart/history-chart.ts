import 'uplot/dist/uPlot.min.css'
import uPlot from 'uplot'
import { placeLabels } from './limit-labels.ts'
import { drawPartial, type PartialBucket } from './partial-buckets.ts'
import { type ChartPoint, isolated, joinSeries, withLimits } from './series.ts'

/** Texts and colours of a chart. */
export interface ChartAppearance {
  ink: string
  grid: string
  line: string
  liveLine: string
  ground: string
  font: string
  formatValue: (value: number) => string
  /** moments from `from` to `to` (epoch ms) to mark, `everyMs` apart on the local clock */
  ticksBetween: (from: number, to: number, everyMs: number) => readonly number[]
  /** a mark of the time axis, epoch ms; `everyS` is how far the marks are apart */
  formatTick: (at: number, everyS: number) => string
}

/** A line across the chart. */
export interface ChartLimit {
  value: number
  label: string
}

/** What the pointer is over; undefined when it is elsewhere. */
export type ChartCursor = { ts: number; value: number | undefined } | undefined

/** What a chart shows. Times are epoch ms. */
export interface ChartData {
  stored: readonly ChartPoint[]
  /** those of the stored ones that stand for a part of their bucket */
  partial: readonly PartialBucket[]
  live: readonly ChartPoint[]
  from: number
  to: number
  /** s between two marks of the time axis */
  tickS: number
  limits: readonly ChartLimit[]
}

/** A drawn chart. */
export interface Chart {
  setData(data: ChartData): void
  close(): void
}

const height = 190

/** Draws limits as broken lines with their names, where they lie within what is shown. */
function drawLimits(plot: uPlot, limits: readonly ChartLimit[], appearance: ChartAppearance): void {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  ctx.save()
  ctx.strokeStyle = appearance.ink
  ctx.fillStyle = appearance.ink
  ctx.lineWidth = ratio
  ctx.font = `${11 * ratio}px ${appearance.font}`
  ctx.textAlign = 'left'
  ctx.textBaseline = 'top'
  const lines = limits
    .map(({ value, label }) => ({ label, y: plot.valToPos(value, 'y', true), width: ctx.measureText(label).width }))
    .filter(({ y }) => y >= bbox.top && y <= bbox.top + bbox.height)
  const room = { left: bbox.left + 4 * ratio, top: bbox.top, height: 12 * ratio, gap: 2 * ratio }
  const places = placeLabels(lines, room)
  for (const [at, { label, y }] of lines.entries()) {
    ctx.setLineDash([5 * ratio, 4 * ratio])
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    const place = places[at]
    if (place) ctx.fillText(label, place.x, place.top)
  }
  ctx.restore()
}

/** Draws a chart of stored and live values into an element and follows its width. Gaps in the data stay gaps. */
export function drawChart(
  element: HTMLElement,
  appearance: ChartAppearance,
  onCursor: (at: ChartCursor) => void,
): Chart {
  let shown: Omit<ChartData, 'stored' | 'live'> = { from: 0, to: 1, tickS: 3_600, limits: [], partial: [] }
  const axis: uPlot.Axis = {
    stroke: appearance.ink,
    font: `12px ${appearance.font}`,
    grid: { stroke: appearance.grid, width: 1 },
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
      scales: {
        x: { time: true, range: () => [shown.from / 1_000, shown.to / 1_000] },
        y: {
          range: (_, low, high) => {
            const [from, to] = withLimits(low, high, shown.limits)
            return uPlot.rangeNum(from, to, 0.1, true)
          },
        },
      },
      series: [{}, series(appearance.line, 1.5), series(appearance.liveLine, 2)],
      axes: [
        {
          ...axis,
          size: 26,
          splits: (_, __, from, to) =>
            appearance.ticksBetween(from * 1_000, to * 1_000, shown.tickS * 1_000).map((at) => at / 1_000),
          values: (_, times) => times.map((at) => appearance.formatTick(at * 1_000, shown.tickS)),
        },
        { ...axis, size: 46, values: (_, values) => values.map((at) => appearance.formatValue(at)) },
      ],
      cursor: { drag: { x: false, y: false }, y: false },
      hooks: {
        draw: [
          (drawn) => drawPartial(drawn, shown.partial, appearance.ink, appearance.ground),
          (drawn) => drawLimits(drawn, shown.limits, appearance),
        ],
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
    setData({ stored, live, ...rest }) {
      shown = rest
      plot.setData(joinSeries(stored, live))
    },
    close() {
      watch.disconnect()
      plot.destroy()
    },
  }
}

import type uPlot from 'uplot'

/** A bucket of which only a part is in the span, or over. */
export interface PartialBucket {
  /** epoch ms: the part from `ts` to before `end` */
  ts: number
  end: number
  value: number
}

/** px between two lines of the hatching */
const spacing = 6
/** px: a part of minutes is seen on a chart of days */
const leastWidth = 3

/** Hatches the parts of buckets and draws their points hollow: their values are not of a whole minute, hour or day. */
export function drawPartial(plot: uPlot, buckets: readonly PartialBucket[], ink: string, ground: string): void {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  const clamp = (x: number) => Math.min(Math.max(x, bbox.left), bbox.left + bbox.width)
  ctx.save()
  ctx.strokeStyle = ink
  ctx.fillStyle = ground
  for (const { ts, end, value } of buckets) {
    const left = clamp(plot.valToPos(ts / 1_000, 'x', true))
    const right = Math.max(clamp(plot.valToPos(end / 1_000, 'x', true)), left + leastWidth * ratio)
    ctx.save()
    ctx.beginPath()
    ctx.rect(left, bbox.top, right - left, bbox.height)
    ctx.clip()
    ctx.globalAlpha = 0.35
    ctx.lineWidth = ratio
    ctx.beginPath()
    for (let x = left - bbox.height; x < right; x += spacing * ratio) {
      ctx.moveTo(x, bbox.top + bbox.height)
      ctx.lineTo(x + bbox.height, bbox.top)
    }
    ctx.stroke()
    ctx.restore()
    ctx.lineWidth = 1.5 * ratio
    ctx.beginPath()
    ctx.arc(left, plot.valToPos(value, 'y', true), 3.5 * ratio, 0, 2 * Math.PI)
    ctx.fill()
    ctx.stroke()
  }
  ctx.restore()
}

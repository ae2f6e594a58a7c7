/** The name of a line of a chart: px from the top, and how wide it is. */
export interface LabelOfLine {
  y: number
  width: number
}

/** Where a name is written: its left and upper edge, px. */
export interface PlacedLabel {
  x: number
  top: number
}

/**
 * Places the names of lines so that none lies over another: above its line, or below where there is no room up to `top`, and beside
 * those that would be in its way. `height` is that of a name, `gap` what is left free around it, all in px.
 */
export function placeLabels(
  lines: readonly LabelOfLine[],
  { left, top, height, gap }: { left: number; top: number; height: number; gap: number },
): PlacedLabel[] {
  const placed: (PlacedLabel & { end: number })[] = []
  for (const { y, width } of lines) {
    const above = y - gap - height
    const own = above > top ? above : y + gap
    const inTheWay = placed.filter((other) => Math.abs(other.top - own) < height)
    const x = Math.max(left, ...inTheWay.map(({ end }) => end + 2 * gap))
    placed.push({ x, top: own, end: x + width })
  }
  return placed.map(({ x, top }) => ({ x, top }))
}

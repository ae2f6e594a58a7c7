import { contains, distance } from '#telemetry/geometry.ts'
import type { Position } from '#telemetry/position.ts'

/** A road or a waterway. */
export interface MapLine {
  line: readonly Position[]
}

/** A point on a line of the map. */
export interface LinePoint<Of extends MapLine> {
  of: Of
  position: Position
  /** unit vector across the line: east, north */
  across: Position
}

/** m between two points */
const spacing = 20

/** Points every 20 m along the parts of the lines that lie inside an outline, in order along each line. */
export function linePoints<Of extends MapLine>(lines: readonly Of[], outline: readonly Position[]): LinePoint<Of>[] {
  return lines.flatMap((of) =>
    of.line
      .slice(1)
      .flatMap((end, index) => pointsBetween(of, of.line[index] ?? end, end))
      .filter(({ position }) => contains(outline, position)),
  )
}

function pointsBetween<Of extends MapLine>(of: Of, start: Position, end: Position): LinePoint<Of>[] {
  const metres = distance(start, end)
  if (metres === 0) return []
  const east = distance(start, [end[0], start[1]]) * Math.sign(end[0] - start[0])
  const north = distance(start, [start[0], end[1]]) * Math.sign(end[1] - start[1])
  const across: Position = [-north / metres, east / metres]
  const count = Math.ceil(metres / spacing)
  return Array.from({ length: count }, (_, index) => {
    const share = index / count
    return {
      of,
      across,
      position: [start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share],
    }
  })
}

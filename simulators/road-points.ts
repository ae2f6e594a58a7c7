import type { Road } from '#city/roads.ts'
import { contains, distance } from '#telemetry/geometry.ts'
import type { Position } from '#telemetry/position.ts'

/** A point on a road. */
export interface RoadPoint {
  road: Road
  position: Position
  /** unit vector across the road: east, north */
  across: Position
}

/** m between two points */
const spacing = 20

/** Points every 20 m along the parts of the roads that lie inside an outline, in order along each road. */
export function roadPoints(roads: readonly Road[], outline: readonly Position[]): RoadPoint[] {
  return roads.flatMap((road) =>
    road.line
      .slice(1)
      .flatMap((end, index) => pointsBetween(road, road.line[index] ?? end, end))
      .filter(({ position }) => contains(outline, position)),
  )
}

function pointsBetween(road: Road, start: Position, end: Position): RoadPoint[] {
  const metres = distance(start, end)
  if (metres === 0) return []
  const east = distance(start, [end[0], start[1]]) * Math.sign(end[0] - start[0])
  const north = distance(start, [start[0], end[1]]) * Math.sign(end[1] - start[1])
  const across: Position = [-north / metres, east / metres]
  const count = Math.ceil(metres / spacing)
  return Array.from({ length: count }, (_, index) => {
    const share = index / count
    return {
      road,
      across,
      position: [start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share],
    }
  })
}

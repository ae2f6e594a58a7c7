import { distance } from '#telemetry/geometry.ts'
import type { Position } from '#telemetry/position.ts'
import type { LineGrid } from './line-grid.ts'
import type { TileRoad } from './tile-roads.ts'

/** m between ends that are one: a tile of zoom 12 rounds to 2.4 m */
const touchMetres = 4
/** degrees that a road turns at most where it goes on: one without a name could as well be another */
const mostTurn = { named: 100, nameless: 40 } as const

/** How a road goes on at its end: among the stretches that begin or end there and are of the same road the straightest. */
export function continuation(
  line: readonly Position[],
  of: TileRoad,
  grid: LineGrid<TileRoad>,
  used: ReadonlySet<TileRoad>,
): { road: TileRoad; line: readonly Position[] } | undefined {
  const [end, before] = [line.at(-1), line.at(-2)]
  if (!end || !before) return undefined
  let least: number = of.name === undefined ? mostTurn.nameless : mostTurn.named
  let found: { road: TileRoad; line: readonly Position[] } | undefined
  for (const road of grid.near(end, touchMetres)) {
    if (used.has(road) || !isSameRoad(of, road)) continue
    for (const onward of [road.line, road.line.toReversed()]) {
      const [start, next] = onward
      if (!start || !next || distance(start, end) > touchMetres) continue
      const turn = turnBetween(before, end, next)
      if (turn > least) continue
      least = turn
      found = { road, line: onward }
    }
  }
  return found
}

function isSameRoad(a: TileRoad, b: TileRoad): boolean {
  if (a.name === undefined && b.name === undefined) return a.kind === b.kind
  return a.name === b.name || (a.ref !== undefined && a.ref === b.ref)
}

/** Degrees by which a way from one place over a second to a third turns: 0 is straight on. */
function turnBetween(from: Position, over: Position, to: Position): number {
  const scale = Math.cos((over[1] * Math.PI) / 180)
  const heading = (a: Position, b: Position) => Math.atan2((b[0] - a[0]) * scale, b[1] - a[1])
  const turn = Math.abs(heading(over, to) - heading(from, over)) * (180 / Math.PI)
  return Math.min(turn, 360 - turn)
}

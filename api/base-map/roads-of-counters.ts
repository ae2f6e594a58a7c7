import { setImmediate } from 'node:timers/promises'
import { cornerDistances, distanceAlong, distanceToLine, partOfLine } from '#telemetry/geometry.ts'
import type { Position } from '#telemetry/position.ts'
import type { LineGrid } from './line-grid.ts'
import { continuation } from './road-continuation.ts'
import type { TileRoad } from './tile-roads.ts'

/** A sensor that measures traffic where it stands. */
export interface RoadCounter {
  id: string
  position: Position
  /** names of the road that it says it watches, if it says so */
  roadNames: readonly string[]
}

/** A stretch of a road with the counters on it. */
export interface CountedRoad {
  /** of this answer: that of its first counter */
  id: string
  name: string | undefined
  sensors: string[]
  line: Position[]
}

/**
 * m from a road beyond which a counter does not stand on it: some 20 m beside the middle of a wide road, some 10 m of a position
 * taken by GPS, and what tiles round
 */
export const farthestMetres = 50
/** m along the road beyond its outermost counters that are given: what a counter speaks for, and a little */
export const reachMetres = 800

/** counters that are looked at before others have their turn */
const turn = 50

/**
 * Finds the road of each counter among stretches from tiles, and joins the stretches to either side of it as far as it speaks. Of
 * the roads within reach it takes the one that it names, else the nearest. One without a road within reach is left out.
 */
export async function roadsOfCounters(
  grid: LineGrid<TileRoad>,
  counters: readonly RoadCounter[],
): Promise<CountedRoad[]> {
  const onRoad = new Map<TileRoad, RoadCounter[]>()
  for (const [at, counter] of counters.entries()) {
    if (at % turn === 0) await setImmediate()
    const road = nearestRoad(grid, counter)
    if (!road) continue
    const others = onRoad.get(road)
    if (others) others.push(counter)
    else onRoad.set(road, [counter])
  }
  const used = new Set<TileRoad>()
  const joined: CountedRoad[] = []
  for (const [at, first] of [...onRoad.keys()].entries()) {
    if (at % turn === 0) await setImmediate()
    if (!used.has(first)) joined.push(joinRoad(first, grid, onRoad, used))
  }
  return joined
}

function nearestRoad(grid: LineGrid<TileRoad>, { position, roadNames }: RoadCounter): TileRoad | undefined {
  let nearest: { road: TileRoad; metres: number; isNamed: boolean } | undefined
  for (const road of grid.near(position, farthestMetres)) {
    const metres = distanceToLine(road.line, position)
    if (metres > farthestMetres) continue
    const isNamed = roadNames.some((name) => isNameOf(name, road))
    if (nearest && (nearest.isNamed === isNamed ? metres >= nearest.metres : nearest.isNamed)) continue
    nearest = { road, metres, isNamed }
  }
  return nearest?.road
}

/** What is left of a name when it is compared: "QL.22B" is QL22B, and "Đường 30 Tháng 4" is "đường 30 tháng 4". */
const letters = (name: string) =>
  name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

function isNameOf(name: string, { name: called, ref }: TileRoad): boolean {
  const wanted = letters(name)
  return wanted !== '' && [called, ref].some((other) => other !== undefined && letters(other).endsWith(wanted))
}

function joinRoad(
  first: TileRoad,
  grid: LineGrid<TileRoad>,
  onRoad: ReadonlyMap<TileRoad, readonly RoadCounter[]>,
  used: Set<TileRoad>,
): CountedRoad {
  let line: readonly Position[] = first.line
  const counters: RoadCounter[] = []
  const use = (road: TileRoad) => {
    used.add(road)
    counters.push(...(onRoad.get(road) ?? []))
  }
  const places = () => counters.map(({ position }) => distanceAlong(line, position))
  use(first)
  for (const turned of [false, true]) {
    if (turned) line = line.toReversed()
    for (;;) {
      const length = cornerDistances(line).at(-1) ?? 0
      if (length - Math.max(...places()) >= reachMetres) break
      const next = continuation(line, first, grid, used)
      if (!next) break
      use(next.road)
      line = [...line, ...next.line.slice(1)]
    }
  }
  const length = cornerDistances(line).at(-1) ?? 0
  const from = Math.max(0, Math.min(...places()) - reachMetres)
  const to = Math.min(length, Math.max(...places()) + reachMetres)
  const sensors = counters.map(({ id }) => id).sort()
  return { id: `base-map-${sensors[0]}`, name: first.name, sensors, line: partOfLine(line, from, to) }
}

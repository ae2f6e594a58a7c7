import { offset } from '#telemetry/geometry.ts'
import type { Position } from '#telemetry/position.ts'

/** degrees of a cell's side, some 550 m */
const cellDegrees = 0.005

/** Lines by the cells of a grid that their boxes touch: finds those near a place without looking at all of them. */
export class LineGrid<Item extends { line: readonly Position[] }> {
  readonly #cells = new Map<string, Item[]>()

  add(items: readonly Item[]): void {
    for (const item of items) {
      const [lons, lats] = [item.line.map(([lon]) => lon), item.line.map(([, lat]) => lat)]
      const box = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)] as const
      for (const cell of cellsOf(box)) {
        const held = this.#cells.get(cell)
        if (held) held.push(item)
        else this.#cells.set(cell, [item])
      }
    }
  }

  /** Those that may be within so many metres of a place, each once. */
  near(place: Position, metres: number): Set<Item> {
    const [west, south] = offset(place, -metres, -metres)
    const [east, north] = offset(place, metres, metres)
    return new Set(cellsOf([west, south, east, north]).flatMap((cell) => this.#cells.get(cell) ?? []))
  }
}

function cellsOf([west, south, east, north]: readonly [number, number, number, number]): string[] {
  const cells: string[] = []
  for (let column = Math.floor(west / cellDegrees); column <= Math.floor(east / cellDegrees); column++)
    for (let row = Math.floor(south / cellDegrees); row <= Math.floor(north / cellDegrees); row++)
      cells.push(`${column}/${row}`)
  return cells
}

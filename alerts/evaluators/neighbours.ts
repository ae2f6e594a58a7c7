import { distance } from '#telemetry/geometry.ts'
import type { Position } from '#telemetry/position.ts'

/** A sensor that fails, and where it stands. */
export interface Failing {
  id: string
  position: Position
}

/** m to degrees of latitude, a little too large, so that a cell is never too small */
const degreesPerMetre = 1 / 110_000

/**
 * Finds groups of neighbours: each sensor is no further than `metres` from the next (single linkage). Groups of at least `atLeast`,
 * ids in order. A grid keeps it linear in the number of sensors where they are not all in one place.
 */
export function findNeighbourhoods(failing: readonly Failing[], metres: number, atLeast: number): string[][] {
  const grid = new Grid(failing, metres)
  const left = new Set(failing)
  const groups: string[][] = []
  for (const first of failing) {
    if (!left.delete(first)) continue
    const group = [first]
    // grows while it is walked
    for (const member of group)
      for (const other of grid.around(member))
        if (left.has(other) && distance(member.position, other.position) <= metres) {
          left.delete(other)
          group.push(other)
        }
    if (group.length >= atLeast) groups.push(group.map(({ id }) => id).sort())
  }
  return groups
}

/** Sensors by cells at least as wide as the distance asked for. */
class Grid {
  readonly #size: number
  readonly #cells = new Map<string, Failing[]>()

  constructor(failing: readonly Failing[], metres: number) {
    // a degree of longitude is shorter than one of latitude: by less than half up to 60° of latitude
    this.#size = 2 * metres * degreesPerMetre
    for (const sensor of failing) {
      const key = this.#key(sensor, 0, 0)
      const cell = this.#cells.get(key)
      if (cell) cell.push(sensor)
      else this.#cells.set(key, [sensor])
    }
  }

  *around(sensor: Failing): Generator<Failing> {
    for (const x of [-1, 0, 1]) for (const y of [-1, 0, 1]) yield* this.#cells.get(this.#key(sensor, x, y)) ?? []
  }

  #key({ position: [lon, lat] }: Failing, x: number, y: number): string {
    return `${Math.floor(lon / this.#size) + x} ${Math.floor(lat / this.#size) + y}`
  }
}

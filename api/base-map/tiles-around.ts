import { offset } from '#telemetry/geometry.ts'
import type { Position } from '#telemetry/position.ts'
import { reachMetres } from './roads-of-counters.ts'
import { type TileAddress, tilePlace } from './tile-roads.ts'

/** The tiles of a zoom that the roads around these places lie in, at most so many, and how many are left out. */
export function tilesAround(
  places: readonly Position[],
  zoom: number,
  most: number,
): { tiles: TileAddress[]; leftOut: number } {
  const tiles = new Map<string, TileAddress>()
  for (const place of places) {
    const northWest = tilePlace(offset(place, -reachMetres, reachMetres), zoom)
    const southEast = tilePlace(offset(place, reachMetres, -reachMetres), zoom)
    for (let x = Math.floor(northWest.x); x <= Math.floor(southEast.x); x++)
      for (let y = Math.floor(northWest.y); y <= Math.floor(southEast.y); y++) tiles.set(`${x}/${y}`, { z: zoom, x, y })
  }
  const all = [...tiles.values()]
  return { tiles: all.slice(0, most), leftOut: Math.max(0, all.length - most) }
}

import type { SchematicMap } from '../live/api-client.ts'
import { BaseMapRoads } from './base-map-roads.ts'
import { cityRoads, type RoadSource } from './road-source.ts'

/** What the map is drawn from. */
interface Drawn {
  base: SchematicMap
  styleUrl: string | undefined
  baseMap: Promise<unknown> | undefined
}

/**
 * The roads that sensors colour: the installation's own, else those of its base map, else those of the sketch where that is drawn:
 * beside any other map they would lie beside the roads. `changed` is called when there are others.
 */
export function roadSourceOf({ base, styleUrl, baseMap }: Drawn, changed: () => void): RoadSource | undefined {
  if (!base.schematic) return cityRoads(base)
  if (baseMap !== undefined) return new BaseMapRoads(changed)
  return styleUrl === undefined ? cityRoads(base) : undefined
}

import type { District } from '#telemetry/district.ts'
import type { SchematicMap } from '../live/api-client.ts'
import { outlines } from './features.ts'
import { lines } from './geojson-sources.ts'
import { sketchLayers } from './ground-layers.ts'
import type { Ground } from './ground-map.ts'

/** The ground of the sketch, where an installation has no base map. */
export function sketchGround(districts: readonly District[], base: SchematicMap): Ground {
  return {
    sources: {
      districts: { ...lines, data: outlines(districts) },
      base: { ...lines, data: base },
    },
    layers: ({ theme }) => sketchLayers(theme),
  }
}

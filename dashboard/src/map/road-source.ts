import type { Position } from '#telemetry/position.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import type { SchematicMap } from '../live/api-client.ts'
import type { Counter } from './road-pieces.ts'

/** A sensor whose place is known. */
export type PlacedSensor = Pick<SensorState, 'id' | 'kind'> & { meta: NonNullable<SensorState['meta']> }

/** A road with the counters on it. */
export interface CountedRoad {
  id: string
  line: readonly Position[]
  counters: readonly Counter[]
}

/** Where the roads come from that sensors colour. */
export interface RoadSource {
  /** The roads on which these sensors stand. */
  roadsOf(sensors: readonly PlacedSensor[]): readonly CountedRoad[]
  /** the map has come to rest: what is not here yet may be asked for */
  begin?(): void
  close?(): void
}

/** The roads of the city's own map: a sensor says on which it stands. */
export function cityRoads(map: SchematicMap): RoadSource {
  const lines = map.features.flatMap(({ properties, geometry }) => {
    if (geometry.type !== 'LineString' || properties.kind !== 'road') return []
    return [{ id: String(properties.id), line: geometry.coordinates.map(([lon = 0, lat = 0]) => [lon, lat] as const) }]
  })
  return {
    roadsOf(sensors) {
      const counters = new Map<string, Counter[]>()
      for (const { id, meta } of sensors) {
        if (meta.road === undefined) continue
        const road = counters.get(meta.road)
        if (road) road.push({ id, position: meta.position })
        else counters.set(meta.road, [{ id, position: meta.position }])
      }
      return lines.flatMap(({ id, line }) => {
        const on = counters.get(id)
        return on ? [{ id, line, counters: on }] : []
      })
    },
  }
}

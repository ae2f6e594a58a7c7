import { z } from 'zod'
import { kindSchema } from './kinds.ts'
import { idSchema } from './reading-parts.ts'
import { sensorMetaSchema } from './sensor.ts'

const { ward, road, tags, simulated } = sensorMetaSchema.shape

/** Where a sensor belongs: what it is asked for by, and grouped by; and whether it is simulated. */
export const placementSchema = z.object({ kind: kindSchema, district: idSchema, ward, road, tags, simulated })
export type Placement = z.infer<typeof placementSchema>

/** Body of an event of the stream `placement`: from the event's time on a sensor belongs there. */
export const placementEventSchema = placementSchema.extend({ sensor: idSchema })
export type PlacementEvent = z.infer<typeof placementEventSchema>

/** Where a sensor belongs by its topic and by what it says of itself. */
export function placementOf(
  { kind, district }: Pick<Placement, 'kind' | 'district'>,
  meta: Omit<Placement, 'kind' | 'district'> | undefined,
): Placement {
  const { ward, road, tags, simulated } = meta ?? {}
  return {
    ...{ kind, district },
    ...(ward === undefined ? {} : { ward }),
    ...(road === undefined ? {} : { road }),
    ...(tags === undefined ? {} : { tags: [...tags].sort() }),
    ...(simulated && { simulated }),
  }
}

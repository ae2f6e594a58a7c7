import { type Placement, type PlacementEvent, placementEventSchema } from '#telemetry/placement.ts'
import { ChangeLog, type ChangeLogOptions } from './change-log.ts'
import type { AlertsMetrics } from './metrics.ts'

/** From when on a sensor belongs to which district, ward and road: figures of a ward are of who was there. */
export type PlacementLog = ChangeLog<Placement>

/** Reads the placements that were noted before, and begins to note changes. @throws StoreUnavailableError, and then nothing is left running */
export function loadPlacementLog({
  metrics,
  ...options
}: ChangeLogOptions & { metrics: AlertsMetrics }): Promise<PlacementLog> {
  return ChangeLog.load<Placement>(options, {
    stream: 'placement',
    what: 'where sensors belong',
    bodyOf: (sensor, placement): PlacementEvent => ({ sensor, ...placement }),
    parse(body) {
      const { data } = placementEventSchema.safeParse(body)
      if (!data) return undefined
      const { sensor, ...said } = data
      return { sensor, said }
    },
    isSame,
    metrics: { storeFaults: metrics.storeFaults, waiting: metrics.placementsWaiting },
  })
}

function isSame(one: Placement, other: Placement): boolean {
  const tagsOf = ({ tags = [] }: Placement) => tags.join()
  return (
    one.kind === other.kind &&
    one.district === other.district &&
    one.ward === other.ward &&
    one.road === other.road &&
    tagsOf(one) === tagsOf(other) &&
    one.simulated === other.simulated
  )
}

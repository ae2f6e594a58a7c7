import type { ReportingSteps } from '#storage/reporting-steps.ts'
import type { Dimming, LightingWindow } from '#telemetry/figures/lighting-figures.ts'
import type { AcknowledgedOrder } from '#telemetry/lamp-override.ts'
import type { Position } from '#telemetry/position.ts'
import type { FigureMembership, NameOf, SensorFacts } from '../groups-of-figures.ts'
import type { LampFacts } from './read-lighting.ts'

/** What lighting figures are asked for. */
export interface LightingRequest {
  membership: FigureMembership
  /** epoch ms; none of it is to come */
  from: number
  to: number
  /** of the series; none when absent */
  window: LightingWindow | undefined
  /** the zone of nights and days, of the IANA database */
  zone: string
  dimmings: readonly Dimming[]
  /** h of a lamp that does not say its rated life */
  ratedHours: number
  /** whether nights and days are those of the sun, or the whole hours (UTC) within them */
  edges: 'sun' | 'hours'
  factsOf(sensor: string): SensorFacts & LampFacts
  nameOf: NameOf
  /** where the sun is looked at for lamps of a place */
  positionOf(place: string): Position
  /** what lamps acknowledged that may matter in the span, by lamp, in any order */
  orders: ReadonlyMap<string, readonly AcknowledgedOrder[]>
  steps: ReportingSteps
  /** readings of lamps without a measured power that are looked at */
  mostReadings: number
  /** epoch ms */
  now: number
}

import type { ReportingSteps } from '#storage/reporting-steps.ts'
import type { Member } from '#storage/roll-ups.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { Window } from '#telemetry/rest.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import type { FigureMembership, NameOf, SensorFacts } from '../groups-of-figures.ts'

/** The members of one kind; their groups are those of the request. */
export interface MembersOfKind {
  kind: Kind
  members: readonly Member[]
  /** numeric values that one of its sensors has */
  values: readonly string[]
}

/** What figures of data quality are asked for. */
export interface QualityRequest {
  groups: FigureMembership['groups']
  kinds: readonly MembersOfKind[]
  /** epoch ms; none of it is to come */
  from: number
  to: number
  /** of the series; none when absent */
  window: Window | undefined
  /** the zone of hours and days, of the IANA database */
  zone: string
  /** groups in the answer, the worst first */
  limit: number
  factsOf(sensor: string): (SensorFacts & { district: string; meta?: Partial<SensorMeta> | undefined }) | undefined
  nameOf: NameOf
  steps: ReportingSteps
  /** readings that are judged, and refused messages that are looked at */
  mostReadings: number
  mostRefused: number
  /** epoch ms */
  now: number
}

import type { FigureWindow, OfficialGroup } from '#telemetry/figures/figure-windows.ts'
import type { Words } from '#telemetry/language.ts'
import type { Group, Membership } from '../members.ts'
import type { Span } from './hour-grid.ts'

/** What official figures are asked for, checked. */
export interface HourlyFiguresAsked {
  membership: Membership
  window: FigureWindow
  /** the buckets: whole windows of the zone, in order, at least one; the last one may not be over */
  windows: readonly Span[]
  /** of the IANA database */
  zone: string
  /** epoch ms */
  now: number
  isSimulated(sensor: string): boolean
  /** what a sensor, ward or district is called */
  nameOf(group: string): Words | undefined
}

/** From the first window to the last. */
export function spanOf(windows: readonly Span[]): Span {
  return { start: windows[0]?.start ?? 0, end: windows.at(-1)?.end ?? 0 }
}

/** A group as an answer names it. */
export function describeGroup(
  { id, sensors }: Group,
  { isSimulated, nameOf }: Pick<HourlyFiguresAsked, 'isSimulated' | 'nameOf'>,
): OfficialGroup {
  const name = id === null ? undefined : nameOf(id)
  return { id, ...(name && { name }), sensors: sensors.length, simulated: sensors.filter(isSimulated).length }
}

import type { ClockFault } from '#telemetry/clock.ts'
import type { LampOverride } from '#telemetry/lamp-override.ts'
import { type Finding, type Severity, severities } from '#telemetry/severity.ts'
import type { Standing } from '../live/sensor-registry.ts'
import { glyphs } from '../sensor/glyphs.ts'

/** The rank of what is shelved, by its severity. */
export const shelvedRanks = { 1: 4, 2: 5, 3: 6 } as const satisfies Record<Severity, number>

/** Ranks of marks, the first to be seen first. */
export const markRanks = [...severities, ...severities.map((severity) => shelvedRanks[severity])] as const
type MarkRank = (typeof markRanks)[number]

/** What the map draws of a sensor that is not normal. */
export interface SensorMark extends Record<string, unknown> {
  severity: Severity
  /** what is seen first: 1 to 3 the severity of what is active, 4 to 6 that of what is shelved */
  rank: MarkRank
  /** what is wrong by its newest values; `alert` where only an alert says so */
  cause: Finding['cause'] | 'alert'
  /** name of its image, without the theme */
  icon: string
  /** how its clock is wrong; empty when it is not */
  words: string
  /** what stands behind what is wrong when it is by command; empty when it is not */
  commanded: string
}

/** How what stands beside a mark is said. */
export interface MarkWords {
  clock(clock: ClockFault): string
  /** behind the name of what is wrong */
  commanded(override: LampOverride): string
}

/** The mark of a sensor: its shape is the severity, and inside is what is wrong by its newest values; undefined when it is normal. */
export function markOf(
  { severity, isShelved, finding, clock, commanded }: Standing,
  markWords: MarkWords,
): SensorMark | undefined {
  if (severity === undefined) return undefined
  const said = {
    words: clock ? markWords.clock(clock) : '',
    commanded: commanded ? markWords.commanded(commanded) : '',
  }
  const cause = finding?.cause ?? 'alert'
  if (isShelved) return { severity, rank: shelvedRanks[severity], cause, icon: String(shelvedRanks[severity]), ...said }
  return { severity, rank: severity, cause, icon: iconOf(severity, finding), ...said }
}

/** Severities inside whose mark there is room for what is wrong. */
export const severitiesWithGlyph = [2, 3] as const satisfies readonly Severity[]

/** The name of a mark's image; that of a critical one has no room for what is wrong. */
function iconOf(severity: Severity, finding: Finding | undefined): string {
  return finding && severity > 1 && glyphs[finding.cause] ? `${severity}-${finding.cause}` : String(severity)
}

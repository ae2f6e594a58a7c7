import type { LampOverride } from '#telemetry/lamp-override.ts'
import type { Language } from '#telemetry/language.ts'
import { kindCauses } from '../kinds/kinds.ts'
import type { Standing } from '../live/sensor-registry.ts'

/** What of the page's language these words need. */
interface CommandedWording {
  language: Language
  /** by whose command it is, and until when */
  commanded(override: LampOverride): string
}

/** What stands behind the name of a finding that an override explains: whose command, until when. */
export const commandedEnding = (override: LampOverride, locale: CommandedWording): string =>
  `, ${locale.commanded(override)}`

/** What is found at a sensor that does what it was commanded, whose command it is, and until when; empty where no command is the reason. */
export function commandedFindingWords(
  { finding, commanded }: Pick<Standing, 'finding' | 'commanded'>,
  locale: CommandedWording,
): string {
  if (!finding || finding.cause === 'clock' || !commanded) return ''
  return kindCauses[finding.cause][locale.language] + commandedEnding(commanded, locale)
}

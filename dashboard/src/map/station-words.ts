import { aqiBand } from '#telemetry/vn-aqi.ts'
import type { NoVnAqi } from '#telemetry/vn-aqi-rest.ts'
import type { Locale } from '../i18n/locale.svelte.ts'
import type { Messages } from '../i18n/vi.ts'
import type { Station } from './stations.ts'

/** How the air at a station is, or why nobody knows. */
export function stationWords(station: Station, { language, t }: Pick<Locale, 'language' | 't'>): string {
  return 'index' in station ? aqiBand(station.index)[language] : reasonWords(station.reason, t.layers.noIndex)
}

function reasonWords(reason: NoVnAqi | undefined, words: Messages['layers']['noIndex']): string {
  switch (reason?.code) {
    case 'NO_READINGS':
      return words.NO_READINGS(reason.params)
    case 'NO_PARTICULATES':
      return words.NO_PARTICULATES()
    case 'TOO_FEW_HOURS':
      return words.TOO_FEW_HOURS(reason.params)
    case undefined:
      return words.NOT_ASKED()
  }
}

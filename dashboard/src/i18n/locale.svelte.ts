import { createContext } from 'svelte'
import { alertStateWords } from '#telemetry/glossary/alert-state.ts'
import { commandedWords } from '#telemetry/glossary/lamp-override.ts'
import { priorityNames } from '#telemetry/glossary/priority.ts'
import { type Kind, kindOf } from '#telemetry/kinds.ts'
import type { LampOverride } from '#telemetry/lamp-override.ts'
import { type Language, languages } from '#telemetry/language.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import type { Severity } from '#telemetry/severity.ts'
import { defaultTimeZone } from '#telemetry/time-zone.ts'
import { readPreference, savePreference } from '../ui/preferences.ts'
import { createFormat } from './format.ts'
import { loadMessages } from './load.ts'
import type { Messages } from './vi.ts'
import { zoneOf } from './zone.ts'

/** The language of the page with its texts, and the zone of its times. */
export class Locale {
  language = $state<Language>(initialLanguage())
  /** the texts of the language */
  t: Messages = $state.raw() as Messages // given by the constructor
  /** zone of the city's days and hours: all times on the page are local to it */
  timeZone = $state(defaultTimeZone)
  readonly zone = $derived(zoneOf(this.timeZone))
  readonly format = $derived(createFormat(this.language, this.timeZone))

  /** `texts` are those of {@link initialLanguage}. */
  constructor(texts: Messages) {
    this.t = texts
  }

  /** Switches the language when its texts are there; it stays as it is when they cannot be had. */
  async setLanguage(language: Language): Promise<void> {
    const texts = await loadMessages(language).catch((error: unknown) => {
      console.warn(error)
      return undefined
    })
    if (!texts) return
    this.t = texts
    this.language = language
    savePreference('language', language)
  }

  nameOf(sensor: SensorState): string {
    return sensor.meta?.name[this.language] ?? sensor.id
  }

  /** the word for a severity, or for none; of what is shelved it says so */
  severityName = (severity: Severity | undefined, isShelved = false): string =>
    this.t.levels[severity === undefined ? 'normal' : priorityNames[severity]] +
    (isShelved ? `, ${alertStateWords.shelved[this.language]}` : '')

  /** by whose command a lamp is as it is, and until when */
  commanded = ({ by, order: { until } }: Pick<LampOverride, 'by' | 'order'>): string =>
    commandedWords(by, until === undefined ? undefined : this.format.minute(until), this.language)

  /** what sensors of a kind are called together */
  kindName = (kind: Kind): string => kindOf(kind).names[this.language]
}

/** The language that the address asks for, or else the one chosen before on this browser. */
export function initialLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? readPreference('language')
  return languages.find((language) => language === asked) ?? languages[0]
}

export const [getLocale, provideLocale] = createContext<Locale>()

import { createContext } from 'svelte'
import type { District } from '#telemetry/district.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import type { Locale } from '../i18n/locale.svelte.ts'

/** The districts of the city and the wards in them, by their names. */
export class Districts {
  all = $state.raw<readonly District[]>([])
  readonly #locale: Locale

  constructor(locale: Locale) {
    this.#locale = locale
  }

  nameOf(id: string): string {
    return this.all.find((district) => district.id === id)?.name[this.#locale.language] ?? id
  }

  /** undefined when there is no such ward in the district */
  wardName(districtId: string, wardId: string | undefined): string | undefined {
    const wards = this.all.find(({ id }) => id === districtId)?.wards
    return wards?.find(({ id }) => id === wardId)?.name[this.#locale.language]
  }

  /** empty when nobody has said in which ward it stands */
  wardNameOf({ district, meta }: SensorState): string {
    return this.wardName(district, meta?.ward) ?? ''
  }
}

export const [getDistricts, provideDistricts] = createContext<Districts>()

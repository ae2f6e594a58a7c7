import { ClockHours } from '#telemetry/clock-hours.ts'
import type { VnAqiResponse } from '#telemetry/vn-aqi-rest.ts'
import type { Locale } from '../i18n/locale.svelte.ts'
import { showsVnAqi } from '../kinds/kinds.ts'
import { fetchVnAqi } from '../live/api-client.ts'
import type { Timeline } from '../replay/timeline.svelte.ts'
import type { MapState } from './map-state.svelte.ts'

/** ms between two questions for the same hour: late readings may change it */
const againMs = 300_000
const retryMs = 10_000

/** The hourly VN_AQI of the stations, for as long as its layer is on. */
export class Stations {
  answer = $state.raw<VnAqiResponse>()
  failed = $state(false)

  /** Asks for the hour that is shown, and again from time to time; to be called in an effect, which ends it. */
  follow({ locale, timeline, mapState }: { locale: Locale; timeline: Timeline; mapState: MapState }): void {
    const hours = $derived(new ClockHours(locale.timeZone))
    const asOf = $derived(hours.of(timeline.scene.now).from)
    $effect(() => {
      if (!showsVnAqi(mapState.layers)) return
      const hour = asOf
      let timer: ReturnType<typeof setTimeout> | undefined
      let gone = false
      const ask = async () => {
        const answer = await fetchVnAqi(hour).catch((error: unknown) => {
          console.warn(error)
          return undefined
        })
        if (gone) return
        this.failed = answer === undefined
        if (answer) this.answer = answer
        timer = setTimeout(ask, answer ? againMs : retryMs)
      }
      void ask()
      return () => {
        gone = true
        clearTimeout(timer)
      }
    })
  }
}

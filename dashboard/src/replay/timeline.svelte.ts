import { createContext } from 'svelte'
import type { SensorState } from '#telemetry/sensor.ts'
import type { Locale } from '../i18n/locale.svelte.ts'
import type { LiveState } from '../live/live-state.svelte.ts'
import type { Scene } from '../live/scene.ts'
import type { Standing } from '../live/sensor-registry.ts'
import type { UrlState } from '../navigation/url-state.svelte.ts'
import { addDays, dateOf, sameTimeOn } from './day.ts'
import type { Replay } from './replay.svelte.ts'

/** Which moment is shown: the present, or one of the past by a replay. */
export class Timeline {
  /** while it is there, the past is shown; the live feed goes on behind it */
  replay = $state.raw<Replay>()
  /** the code of the replay could not be loaded */
  replayFailed = $state(false)
  readonly #live: LiveState
  readonly #url: UrlState
  /** what the views show */
  readonly scene = $derived.by<Scene>(() => this.replay ?? this.#live)
  /** the moment asked for, until the replay is there to show it */
  #at: number | undefined

  readonly #locale: Locale

  constructor({ live, url, locale }: { live: LiveState; url: UrlState; locale: Locale }) {
    this.#live = live
    this.#url = url
    this.#locale = locale
    this.#at = url.opened.at
    url.onGoTo(({ at }) => {
      if (at !== undefined) void this.replayAt(at)
      else if (this.#at !== undefined) this.returnToLive()
    })
  }

  /** Shows a moment of the past (epoch ms), `byDay` with its day on the scrubber; the present when it is not past. */
  async replayAt(at: number, { byDay = false } = {}): Promise<void> {
    if (at >= this.#live.moment()) {
      this.returnToLive()
      return
    }
    this.#at = at
    if (!this.replay) {
      this.#url.change({ at })
      try {
        const { Replay } = await import('./replay.svelte.ts')
        this.replayFailed = false
        // meanwhile it may be there already, or not wanted any more
        if (this.#at === undefined) return
        this.replay ??= this.#start(Replay)
      } catch (error) {
        console.warn(error)
        this.replayFailed = true
        return
      }
    }
    this.replay.seek(this.#at, { byDay })
  }

  /** Shows another day (a date such as `2026-11-22`) at the time of day that is shown; the present when that is not past. */
  replayOn(date: string): Promise<void> {
    return this.replayAt(sameTimeOn(this.#locale.zone, date, this.#shown()), { byDay: true })
  }

  /** Shows a day so many days later, at the same time of day. */
  shiftDay(days: number): Promise<void> {
    return this.replayOn(addDays(this.date(), days))
  }

  /** The local date of the moment that is shown. */
  date(): string {
    return dateOf(this.#locale.zone, this.#shown())
  }

  #shown(): number {
    return this.replay?.wanted ?? this.#live.now
  }

  /** Shows the present again. */
  returnToLive(): void {
    this.#at = undefined
    this.replay?.close()
    this.replay = undefined
    this.#url.change({ at: undefined })
  }

  /** How a sensor stands now; reactive: it changes with time and with alerts, not only with what the sensor says. */
  standingOf(sensor: SensorState): Standing {
    void this.scene.now
    return this.scene.registry.standing(sensor.id)
  }

  #start(Class: typeof Replay): Replay {
    const replay: Replay = new Class({
      live: this.#live.registry,
      now: () => this.#live.moment(),
      zone: () => this.#locale.zone,
      onPresent: () => this.returnToLive(),
      onMove: () => this.#url.change({ at: replay.wanted }),
    })
    return replay
  }
}

export const [getTimeline, provideTimeline] = createContext<Timeline>()

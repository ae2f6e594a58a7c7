import type { District } from '#telemetry/district.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import { type Person, type Right, stranger } from '#telemetry/people.ts'
import { freshness, type SensorState } from '#telemetry/sensor.ts'
import { formatPlace, type Place, parsePlace } from './address.ts'
import { createFormat } from './format.ts'
import { en } from './i18n/en.ts'
import { type Language, languages } from './i18n/messages.ts'
import { vi } from './i18n/vi.ts'
import { LiveState } from './live-state.svelte.ts'
import type { Replay } from './replay/replay.svelte.ts'
import type { Scene } from './scene.ts'
import { fold, matches } from './search.ts'
import type { Section } from './sections.ts'

export type Theme = 'light' | 'dark'

const themeKey = 'nhip-theme'
const languageKey = 'nhip-language'

/** The page's own state: language, theme, filters, selection, and the address that keeps them. */
export class Page {
  readonly live = new LiveState()
  /** while it is there, the past is shown; the live feed goes on behind it */
  replay = $state.raw<Replay>()
  /** the code of the replay could not be loaded */
  replayFailed = $state(false)
  /** what the views show */
  readonly scene = $derived<Scene>(this.replay ?? this.live)
  language = $state<Language>(firstLanguage())
  theme = $state<Theme>(firstTheme())
  /** who is signed in */
  person = $state.raw<Person>(stranger)
  districts = $state.raw<District[]>([])
  shownKinds = $state<Kind[]>([...kinds])
  /** ids of districts switched off: one that becomes known later is shown */
  hiddenDistricts = $state<string[]>([])
  query = $state('')
  selected = $state<string>()
  section = $state<Section>('map')
  /** set by the map once it is there, as is showOnMap */
  moveMap: ((view: NonNullable<Place['view']>) => void) | undefined
  showOnMap = $state.raw<(sensor: SensorState) => void>()
  readonly t = $derived(this.language === 'vi' ? vi : en)
  readonly format = $derived(createFormat(this.language, this.t))
  /** the place the page was opened at */
  readonly opened: Place = parsePlace(location.hash)
  /** ids in order of name: comparing names is slow, so it is done only when one has changed */
  readonly #byName = $derived.by(() => {
    void this.scene.places
    const { compare } = new Intl.Collator(this.language, { numeric: true })
    const named = [...this.scene.registry.all()].map((sensor) => ({ id: sensor.id, name: this.nameOf(sensor) }))
    return named.sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id)).map(({ id }) => id)
  })
  #view = this.opened.view
  /** the moment asked for, until the replay is there to show it */
  #at = this.opened.at
  #folded = new Map<string, { of: SensorState['meta']; text: string }>()

  constructor() {
    this.selected = this.opened.sensor
    this.section = this.opened.section ?? 'map'
  }

  setLanguage(language: Language): void {
    this.language = language
    localStorage.setItem(languageKey, language)
    this.#keep()
  }

  setTheme(theme: Theme): void {
    this.theme = theme
    localStorage.setItem(themeKey, theme)
  }

  /** Goes where an address's fragment says, when the user has changed it by hand or by a link. */
  goTo(hash: string): void {
    const { view, sensor, section, at } = parsePlace(hash)
    this.selected = sensor
    this.section = section ?? 'map'
    if (view) {
      this.#view = view
      this.moveMap?.(view)
    }
    if (at !== undefined) void this.replayAt(at)
    else if (this.#at !== undefined) this.returnToLive()
  }

  select(id: string | undefined): void {
    this.selected = id
    this.#keep()
  }

  /** Shows a section; the browser's Back returns to the one before. */
  show(section: Section): void {
    if (section === this.section) return
    this.section = section
    this.#keep('push')
  }

  /** Shows a moment of the past (epoch ms). */
  async replayAt(at: number): Promise<void> {
    this.#at = at
    if (!this.replay) {
      try {
        const { Replay } = await import('./replay/replay.svelte.ts')
        this.replayFailed = false
        // meanwhile it may be there already, or not wanted any more
        if (this.#at === undefined) return
        const { registry } = this.live
        this.replay ??= new Replay({ live: registry, now: () => this.live.moment(), onMove: () => this.#keep() })
      } catch (error) {
        console.warn(error)
        this.replayFailed = true
        return
      }
    }
    this.replay.seek(this.#at)
  }

  /** Shows the present again. */
  returnToLive(): void {
    this.#at = undefined
    this.replay?.close()
    this.replay = undefined
    this.#keep()
  }

  /** Remembers where the user has moved the map. */
  setView(view: NonNullable<Place['view']>): void {
    this.#view = view
    this.#keep()
  }

  get view(): Place['view'] {
    return this.#view
  }

  isShown(sensor: SensorState): boolean {
    return this.shownKinds.includes(sensor.kind) && !this.hiddenDistricts.includes(sensor.district)
  }

  /** Sensors that pass the filters and the search, as they are now, in order of name. */
  found(): SensorState[] {
    void this.scene.now
    const query = this.query.trim()
    const found: SensorState[] = []
    for (const id of this.#byName) {
      const sensor = this.scene.registry.get(id)
      if (sensor && this.isShown(sensor) && (query === '' || matches(this.#foldedName(sensor), query)))
        found.push(sensor)
    }
    return found
  }

  /** Whether the person signed in has this right: what they may not do is not shown. */
  may(right: Right): boolean {
    return this.person.rights.includes(right)
  }

  nameOf(sensor: SensorState): string {
    return sensor.meta?.name[this.language] ?? sensor.id
  }

  districtName(id: string): string {
    return this.districts.find((district) => district.id === id)?.name[this.language] ?? id
  }

  /** empty when nobody has said in which ward it stands */
  wardName(sensor: SensorState): string {
    const wards = this.districts.find((district) => district.id === sensor.district)?.wards
    return wards?.find((ward) => ward.id === sensor.meta?.ward)?.name[this.language] ?? ''
  }

  freshnessOf(sensor: SensorState) {
    return freshness(sensor, this.scene.now)
  }

  #foldedName(sensor: SensorState): string {
    const held = this.#folded.get(sensor.id)
    if (held && held.of === sensor.meta) return held.text
    const text = fold(`${sensor.id} ${sensor.meta?.name.vi ?? ''} ${sensor.meta?.name.en ?? ''}`)
    this.#folded.set(sensor.id, { of: sensor.meta, text })
    return text
  }

  #keep(how: 'replace' | 'push' = 'replace'): void {
    const url = new URL(location.href)
    url.searchParams.set('lang', this.language)
    const place: Place = { section: this.section }
    if (this.#view) place.view = this.#view
    if (this.selected) place.sensor = this.selected
    const at = this.replay?.wanted ?? this.#at
    if (at !== undefined) place.at = at
    url.hash = formatPlace(place)
    if (how === 'push') history.pushState(null, '', url)
    else history.replaceState(null, '', url)
  }
}

function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(languageKey)
  return languages.find((language) => language === asked) ?? languages[0]
}

function firstTheme(): Theme {
  const asked = localStorage.getItem(themeKey)
  if (asked === 'light' || asked === 'dark') return asked
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

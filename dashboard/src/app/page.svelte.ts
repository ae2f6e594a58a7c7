import type { District } from '#telemetry/district.ts'
import { type Kind, kindOf, kinds } from '#telemetry/kinds.ts'
import { type Language, languages } from '#telemetry/language.ts'
import { type Person, type Right, stranger } from '#telemetry/people.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import { defaultTimeZone } from '#telemetry/time-zone.ts'
import { OpenAlerts } from '../alerts/open-alerts.svelte.ts'
import { createFormat } from '../i18n/format.ts'
import { loadMessages } from '../i18n/load.ts'
import type { Messages } from '../i18n/vi.ts'
import { zoneOf } from '../i18n/zone.ts'
import { defaultLayers } from '../kinds/kinds.ts'
import { LiveState } from '../live/live-state.svelte.ts'
import type { Scene } from '../live/scene.ts'
import type { Standing } from '../live/sensor-registry.ts'
import { formatPlace, type Place, parsePlace } from '../navigation/address.ts'
import type { Section } from '../navigation/sections.ts'
import type { Replay } from '../replay/replay.svelte.ts'
import { type Filters, noFilters, passesPlace, passesState } from '../sensor/filters.ts'
import { fold, matches } from '../sensor/search.ts'
import { Shortcuts } from '../ui/shortcuts.ts'

export type Theme = 'light' | 'dark'

const themeKey = 'nhip-theme'
const languageKey = 'nhip-language'

/** The page's own state: language, theme, filters, selection, and the address that keeps them. */
export class Page {
  readonly live = new LiveState()
  readonly alerts = new OpenAlerts()
  readonly shortcuts = new Shortcuts()
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
  /** the place the page was opened at */
  readonly opened: Place = parsePlace(location.hash)
  filters = $state.raw<Filters>(this.opened.filters)
  /** kinds about which the map says more than where the sensors stand */
  layers = $state.raw<readonly Kind[]>(this.opened.layers ?? defaultLayers)
  selected = $state<string>()
  section = $state<Section>('map')
  /** what the wide page that is shown keeps in the address */
  own = $state.raw<Readonly<Record<string, string>>>(this.opened.own ?? {})
  /** shown on a wall: larger, without what asks for a hand */
  kiosk = $state(false)
  /** set by the map once it is there, as is showOnMap */
  moveMap: ((view: NonNullable<Place['view']>) => void) | undefined
  showOnMap = $state.raw<(sensor: SensorState) => void>()
  /** the texts of the language */
  t: Messages = $state.raw() as Messages // given by the constructor
  /** zone of the city's days and hours: all times on the page are local to it */
  timeZone = $state(defaultTimeZone)
  readonly zone = $derived(zoneOf(this.timeZone))
  readonly format = $derived(createFormat(this.language, this.timeZone))
  /** ids in order of name: comparing names is slow, so it is done only when one has changed */
  readonly #byName = $derived.by(() => {
    void this.scene.places
    const { compare } = new Intl.Collator(this.language, { numeric: true })
    const named = [...this.scene.registry.all()].map((sensor) => ({ id: sensor.id, name: this.nameOf(sensor) }))
    return named.sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id)).map(({ id }) => id)
  })
  /** those of them whose place and name pass the filters */
  readonly #passing = $derived.by(() => {
    const query = this.filters.query.trim()
    return this.#byName.filter((id) => {
      const sensor = this.scene.registry.get(id)
      if (!sensor || !passesPlace(sensor, this.filters)) return false
      return query === '' || matches(this.#foldedName(sensor), query)
    })
  })
  #view = this.opened.view
  /** the moment asked for, until the replay is there to show it */
  #at = this.opened.at
  #folded = new Map<string, { of: SensorState['meta']; text: string }>()

  /** `texts` are those of {@link firstLanguage}. */
  constructor(texts: Messages) {
    this.t = texts
    this.selected = this.opened.sensor
    this.section = this.opened.section ?? 'map'
    this.kiosk = this.opened.kiosk ?? false
    this.#keep()
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
    localStorage.setItem(languageKey, language)
    this.#keep()
  }

  setTheme(theme: Theme): void {
    this.theme = theme
    localStorage.setItem(themeKey, theme)
  }

  /** Goes where an address's fragment says, when the user has changed it by hand or by a link. */
  goTo(hash: string): void {
    const { view, sensor, section, at, layers, filters, own, kiosk } = parsePlace(hash)
    this.selected = sensor
    this.section = section ?? 'map'
    this.layers = layers ?? defaultLayers
    this.filters = filters
    this.own = own ?? {}
    this.kiosk = kiosk ?? false
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
    this.own = {}
    this.#keep('push')
  }

  /** Changes some of what the wide page keeps in the address. */
  keepOwn(changed: Readonly<Record<string, string>>): void {
    this.own = { ...this.own, ...changed }
    this.#keep()
  }

  /** Shows a moment of the past (epoch ms). */
  async replayAt(at: number): Promise<void> {
    this.#at = at
    if (!this.replay) {
      try {
        const { Replay } = await import('../replay/replay.svelte.ts')
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

  /** Changes some of the filters. */
  filter(changed: Partial<Filters>): void {
    this.filters = { ...this.filters, ...changed }
    this.#keep()
  }

  /** Shows everything again. */
  resetFilters(): void {
    this.filter({ ward: undefined, state: undefined, ...noFilters })
  }

  /** Begins or ends the look for a wall display. */
  setKiosk(kiosk: boolean): void {
    this.kiosk = kiosk
    this.#keep()
  }

  /** Switches a layer of the map on or off. */
  toggleLayer(layer: Kind): void {
    const on = this.layers.includes(layer)
    this.layers = kinds.filter((kind) => (kind === layer ? !on : this.layers.includes(kind)))
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
    return passesPlace(sensor, this.filters) && passesState(this.scene.registry.standing(sensor.id), this.filters)
  }

  /** Sensors that pass the filters and the search, as they are now, in order of name. */
  found(): SensorState[] {
    void this.scene.now
    const { registry } = this.scene
    const found: SensorState[] = []
    for (const id of this.#passing) {
      const sensor = registry.get(id)
      if (sensor && passesState(registry.standing(id), this.filters)) found.push(sensor)
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

  /** what sensors of a kind are called together */
  kindName = (kind: Kind): string => kindOf(kind).names[this.language]

  districtName(id: string): string {
    return this.districts.find((district) => district.id === id)?.name[this.language] ?? id
  }

  /** empty when nobody has said in which ward it stands */
  wardName(sensor: SensorState): string {
    const wards = this.districts.find((district) => district.id === sensor.district)?.wards
    return wards?.find((ward) => ward.id === sensor.meta?.ward)?.name[this.language] ?? ''
  }

  /** How a sensor stands now; reactive: it changes with time and with alerts, not only with what the sensor says. */
  standingOf(sensor: SensorState): Standing {
    void this.scene.now
    return this.scene.registry.standing(sensor.id)
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
    const place: Place = { section: this.section, layers: this.layers, filters: this.filters, own: this.own }
    if (this.#view) place.view = this.#view
    if (this.selected) place.sensor = this.selected
    if (this.kiosk) place.kiosk = true
    const at = this.replay?.wanted ?? this.#at
    if (at !== undefined) place.at = at
    url.hash = formatPlace(place)
    if (how === 'push') history.pushState(null, '', url)
    else history.replaceState(null, '', url)
  }
}

/** The language that the address asks for, or else the one chosen before on this browser. */
export function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(languageKey)
  return languages.find((language) => language === asked) ?? languages[0]
}

function firstTheme(): Theme {
  const asked = localStorage.getItem(themeKey)
  if (asked === 'light' || asked === 'dark') return asked
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

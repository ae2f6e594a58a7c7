import { OpenAlerts, provideOpenAlerts } from '../alerts/open-alerts.svelte.ts'
import { Locale, provideLocale } from '../i18n/locale.svelte.ts'
import type { Messages } from '../i18n/vi.ts'
import { Districts, provideDistricts } from '../live/districts.svelte.ts'
import { LiveState, provideLive } from '../live/live-state.svelte.ts'
import { provideSession, Session } from '../live/session.svelte.ts'
import { MapState, provideMapState } from '../map/map-state.svelte.ts'
import { Navigation, provideNavigation } from '../navigation/navigation.svelte.ts'
import { provideSelection, Selection } from '../navigation/selection.svelte.ts'
import { UrlState } from '../navigation/url-state.svelte.ts'
import { provideTimeline, Timeline } from '../replay/timeline.svelte.ts'
import { FilteredSensors, provideFilteredSensors } from '../sensor/filtered-sensors.svelte.ts'
import { provideShift, Shift } from '../shift/shift-state.svelte.ts'
import { provideShortcuts, Shortcuts } from '../ui/shortcuts.ts'
import { provideTheme, ThemeChoice } from '../ui/theme.svelte.ts'

/**
 * Makes what the page keeps, each thing by itself, and lets every component below have those it asks for by name. To be called
 * while the outermost component is made; `texts` are those of the initial language.
 */
export function providePageState(texts: Messages) {
  const locale = provideLocale(new Locale(texts))
  const url = new UrlState()
  const live = provideLive(new LiveState())
  const timeline = provideTimeline(new Timeline({ live, url, locale }))
  provideFilteredSensors(new FilteredSensors({ url, timeline, locale }))
  provideMapState(new MapState(url))
  return {
    ...{ url, locale, live, timeline },
    theme: provideTheme(new ThemeChoice()),
    session: provideSession(new Session()),
    districts: provideDistricts(new Districts(locale)),
    openAlerts: provideOpenAlerts(new OpenAlerts(timeline, (ids) => live.send('seen', { ids }))),
    shift: provideShift(new Shift()),
    navigation: provideNavigation(new Navigation(url)),
    selection: provideSelection(new Selection(url)),
    shortcuts: provideShortcuts(new Shortcuts()),
  }
}

import { type Kind, kinds } from '#telemetry/kinds.ts'
import { timestampSchema } from '#telemetry/reading-parts.ts'
import { defaultLayers } from '../kinds/kinds.ts'
import { type Filters, noFilters, states } from '../sensor/filters.ts'
import { type Section, sectionOf } from './sections.ts'

/** What the page keeps in the address's fragment, so that a link or a reload shows the same. */
export interface Place {
  /** centre and zoom of the map, as the user left them */
  view?: { lat: number; lon: number; zoom: number }
  /** id of the sensor whose panel is open */
  sensor?: string
  /** the map when absent */
  section?: Section
  /** the moment shown by a replay, epoch ms, in whole seconds; the present when absent */
  at?: number
  /** layers that are on; the default ones when absent */
  layers?: readonly Kind[]
  filters: Filters
  /** what a wide page keeps of its own, such as its filters */
  own?: Readonly<Record<string, string>>
  /** shown on a wall: larger, without what asks for a hand */
  kiosk?: true
}

const maxQuery = 100
/** what a parameter of a wide page begins with */
const ownPrefix = 'w-'
const isId = (text: string) => /^[a-z0-9-]{1,64}$/.test(text)

/** Reads a fragment such as `#map=12.5/11.3/106.12&sensor=counter-1&state=abnormal`; what is not understood is left out. */
export function parsePlace(hash: string): Place {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''))
  const place: Place = { filters: parseFilters(parameters) }
  const [zoom, lat, lon] = (parameters.get('map') ?? '').split('/').map(Number)
  if (zoom !== undefined && lat !== undefined && lon !== undefined && isView(zoom, lat, lon))
    place.view = { zoom, lat, lon }
  const sensor = parameters.get('sensor')
  if (sensor && isId(sensor)) place.sensor = sensor
  const section = sectionOf(parameters.get('view'))
  if (section !== 'map') place.section = section
  const at = timestampSchema.safeParse(Date.parse(parameters.get('at') ?? ''))
  if (at.success) place.at = at.data
  const layers = kindsIn(parameters.get('layers'))
  if (layers) place.layers = layers
  if (parameters.get('kiosk') === '1') place.kiosk = true
  const own = [...parameters].filter(([key]) => key.startsWith(ownPrefix))
  if (own.length > 0)
    place.own = Object.fromEntries(own.map(([key, value]) => [key.slice(2), value.slice(0, maxQuery)]))
  return place
}

function isView(zoom: number, lat: number, lon: number): boolean {
  return Number.isFinite(zoom + lat + lon) && zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180
}

/** The kinds that a list names, in their own order; an empty list is `none`. */
function kindsIn(list: string | null): Kind[] | undefined {
  if (list === 'none') return []
  const named = (list ?? '').split(',')
  const found = kinds.filter((kind) => named.includes(kind))
  return found.length === 0 ? undefined : found
}

function parseFilters(parameters: URLSearchParams): Filters {
  const ward = parameters.get('ward')
  const state = states.find((name) => name === parameters.get('state'))
  return {
    kinds: kindsIn(parameters.get('kinds')) ?? noFilters.kinds,
    hiddenDistricts: (parameters.get('without') ?? '').split(',').filter(isId),
    ...(ward && isId(ward) ? { ward } : {}),
    ...(state ? { state } : {}),
    query: (parameters.get('q') ?? '').slice(0, maxQuery),
  }
}

/** Writes what {@link parsePlace} reads; empty when there is nothing to keep. */
export function formatPlace({ view, sensor, section, at, layers, filters, own = {}, kiosk }: Place): string {
  const parts: string[] = []
  const list = (shown: readonly string[]) => shown.join() || 'none'
  if (view) parts.push(`map=${view.zoom.toFixed(2)}/${view.lat.toFixed(5)}/${view.lon.toFixed(5)}`)
  if (sensor) parts.push(`sensor=${sensor}`)
  if (section && section !== 'map') parts.push(`view=${section}`)
  if (at !== undefined) parts.push(`at=${new Date(at).toISOString().replace('.000', '')}`)
  if (layers && list(layers) !== list(defaultLayers)) parts.push(`layers=${list(layers)}`)
  if (filters.kinds.length < kinds.length) parts.push(`kinds=${list(filters.kinds)}`)
  if (filters.hiddenDistricts.length > 0) parts.push(`without=${list(filters.hiddenDistricts)}`)
  if (filters.ward) parts.push(`ward=${filters.ward}`)
  if (filters.state) parts.push(`state=${filters.state}`)
  if (filters.query.trim()) parts.push(`q=${encodeURIComponent(filters.query.trim())}`)
  for (const [key, value] of Object.entries(own))
    if (value) parts.push(`${ownPrefix}${key}=${encodeURIComponent(value)}`)
  if (kiosk) parts.push('kiosk=1')
  return parts.length === 0 ? '' : `#${parts.join('&')}`
}

import { timestampSchema } from '#telemetry/reading.ts'
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
}

/** Reads a fragment such as `#map=12.5/11.3/106.12&sensor=tay-ninh-traffic-001`; what is not understood is left out. */
export function parsePlace(hash: string): Place {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''))
  const place: Place = {}
  const [zoom, lat, lon] = (parameters.get('map') ?? '').split('/').map(Number)
  if (zoom !== undefined && lat !== undefined && lon !== undefined && isView(zoom, lat, lon))
    place.view = { zoom, lat, lon }
  const sensor = parameters.get('sensor')
  if (sensor && /^[a-z0-9-]{1,64}$/.test(sensor)) place.sensor = sensor
  const section = sectionOf(parameters.get('view'))
  if (section !== 'map') place.section = section
  const at = timestampSchema.safeParse(Date.parse(parameters.get('at') ?? ''))
  if (at.success) place.at = at.data
  return place
}

function isView(zoom: number, lat: number, lon: number): boolean {
  return Number.isFinite(zoom + lat + lon) && zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180
}

/** Writes what {@link parsePlace} reads; empty when there is nothing to keep. */
export function formatPlace(place: Place): string {
  const parts: string[] = []
  const { view } = place
  if (view) parts.push(`map=${view.zoom.toFixed(2)}/${view.lat.toFixed(5)}/${view.lon.toFixed(5)}`)
  if (place.sensor) parts.push(`sensor=${place.sensor}`)
  if (place.section && place.section !== 'map') parts.push(`view=${place.section}`)
  if (place.at !== undefined) parts.push(`at=${new Date(place.at).toISOString().replace('.000', '')}`)
  return parts.length === 0 ? '' : `#${parts.join('&')}`
}

import type { Kind } from '#telemetry/kinds.ts'
import type { Freshness } from '#telemetry/sensor.ts'

/** Languages of the page; the first is the default. */
export const languages = ['vi', 'en'] as const
export type Language = (typeof languages)[number]

/** Every text of the page. Each language has one object of this type. */
export interface Messages {
  title: string
  subtitle: string
  language: string
  theme: { label: string; light: string; dark: string }
  view: { label: string; map: string; table: string }
  connection: { connecting: string; live: string; lost: string }
  banner: { connecting: string; lost: (since: string) => string; broker: string; store: string }
  freshness: Record<Freshness, string>
  latency: string
  refused: (count: string) => string
  kinds: Record<Kind, string>
  filter: { kinds: string; districts: string; search: string; placeholder: string }
  list: { title: string; found: (shown: string, all: string) => string; more: string; none: string; loading: string }
  table: {
    name: string
    kind: string
    district: string
    ward: string
    state: string
    level: string
    value: string
    age: string
  }
  legend: {
    title: string
    slow: string
    jammed: string
    fault: string
    pm25: string
    pm25High: string
    fresh: string
    stale: string
    offline: string
    normal: string
  }
  levels: { normal: string; warning: string; critical: string; unknown: string }
  panel: {
    close: string
    showOnMap: string
    measured: string
    values: string
    none: string
    chart: string
    chartValue: string
    mean: string
    live: string
    chartEmpty: string
    chartFailed: string
    loading: string
    retry: string
    raw: string
    gone: string
    congestion: string
  }
  map: { label: string; sketch: string; zoomIn: string; zoomOut: string; noWebgl: string; failed: string }
  signIn: {
    title: string
    text: string
    field: string
    button: string
    wrong: string
    unreachable: string
  }
  words: Record<string, string>
  units: Record<string, string>
}

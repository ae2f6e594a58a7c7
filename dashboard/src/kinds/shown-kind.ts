import type { Kind, KindCause } from '#telemetry/kinds.ts'
import type { Language } from '#telemetry/language.ts'
import type { AqiBand } from '#telemetry/vn-aqi.ts'
import type { Format } from '../i18n/format.ts'
import type { Messages } from '../i18n/messages.ts'

/** What texts are made with. */
export interface Wording {
  t: Messages
  language: Language
  format: Format
  kindName(kind: Kind): string
}

/** A line of the legend: a text beside the mark of a cause, a piece of road, or a station in the colour of its band. */
export type LegendLine = { text: string } & (
  | { cause: KindCause }
  | { road: 'free' | 'slow' | 'jammed' }
  | { rgb: AqiBand['rgb'] }
)

/** What the legend says of one kind. */
export interface KindLegend {
  title: string
  /** whether it is about what the kind's layer shows, and goes with it */
  ofLayer?: true
  testId?: string
  lines: readonly LegendLine[]
}

/** How one kind of sensor is shown. */
export interface ShownKind {
  /** its mark: a path around 0, 0, how far that reaches, and how far it does on the map, px */
  shape: { path: string; radius: number; onMap: number }
  /** times as large as others, as a dot from afar */
  dot: number
  /** whether its layer is on unless somebody says otherwise */
  layerOn: boolean
  /** what of it is a warning, and what is critical */
  meanings(wording: Wording): { warning: readonly string[]; critical: readonly string[] }
  legend?(wording: Wording): KindLegend
}

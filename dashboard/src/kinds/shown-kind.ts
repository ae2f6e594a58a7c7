import type { ConditionTypeOf, Kind, KindCause, KindCauseOf } from '#telemetry/kinds.ts'
import type { Language, Words } from '#telemetry/language.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import type { AqiBand } from '#telemetry/vn-aqi.ts'
import type { FieldsOf } from '../alerts/rule-field.ts'
import type { Format } from '../i18n/format.ts'

/** What texts are made with. */
export interface Wording {
  language: Language
  format: Format
  kindName(kind: Kind): string
}

/** A mark: a path (SVG) around 0, 0, how far that reaches, and how far it does on the map, px. */
export interface Shape {
  path: string
  radius: number
  onMap: number
}

/** A disc: the mark of no kind in particular, too. */
export const disc: Shape = { path: 'M-5 0A5 5 0 1 1 5 0A5 5 0 1 1-5 0Z', radius: 5, onMap: 3.4 }

/** Paths (SVG) inside a triangle whose middle is 0, 0 and whose corners are 11 away from 0, 2. */
export interface Glyph {
  filled: string
  drawn: string
}

/** How traffic flows over a piece of road. */
export type Flow = 'free' | 'slow' | 'jammed'

/** A line of the legend: a text beside the mark of a cause, a piece of road, or a station in the colour of its band. */
export type LegendLine = { text: string } & ({ cause: KindCause } | { road: Flow } | { rgb: AqiBand['rgb'] })

/** What the legend says of one kind. */
export interface KindLegend {
  title: string
  /** whether it is about what the kind's layer shows, and goes with it */
  ofLayer?: true
  testId?: string
  lines: readonly LegendLine[]
}

/** How one kind of sensor is shown. */
export interface ShownKind<Id extends Kind = Kind> {
  shape: Shape
  /** times as large as others, as a dot from afar */
  dot: number
  /** whether its layer is on unless somebody says otherwise */
  layerOn: boolean
  /** its layer colours the road that a sensor is at: by an index of each sensor, and what the mean of them says of a piece */
  roads?: {
    index(sensor: Pick<SensorState, 'reading' | 'meta'>): number | undefined
    flow(index: number): Flow
  }
  /** its layer shows the hourly VN_AQI of each sensor */
  hasVnAqi?: true
  /** a new rule is about this kind until another one is chosen */
  ofNewRule?: true
  /** how a rule is filled in with each condition that is of this kind alone */
  conditions: { readonly [Type in ConditionTypeOf<Id>]: FieldsOf<Type> }
  /** short names of what is wrong, beside its mark */
  causes: Readonly<Record<KindCauseOf<Id>, Words>>
  /** what stands inside a mark with this cause */
  glyphs?: Readonly<Partial<Record<KindCauseOf<Id>, Glyph>>>
  /** what of it is noted by its values, before it is an alert or without ever being one */
  noted(wording: Wording): readonly string[]
  legend?(wording: Wording): KindLegend
  /** what its panel says below the values */
  panelLines?(
    sensor: Pick<SensorState, 'reading' | 'meta'>,
    wording: Wording,
  ): readonly { name: string; text: string }[]
}

import { type ConditionTypeOf, type Kind, type KindCause, kinds } from '#telemetry/kinds.ts'
import type { Words } from '#telemetry/language.ts'
import type { RuleField } from '../alerts/rule-field.ts'
import { shownAirQuality } from './air-quality.ts'
import { shownLighting } from './lighting.ts'
import type { Glyph, ShownKind } from './shown-kind.ts'
import { shownTraffic } from './traffic.ts'
import { shownWaterLevel } from './water-level.ts'

/** How each kind is shown. */
export const shownKinds: Readonly<{ [Id in Kind]: ShownKind<Id> }> = {
  traffic: shownTraffic,
  lighting: shownLighting,
  'air-quality': shownAirQuality,
  'water-level': shownWaterLevel,
}

/** Layers that are on unless somebody says otherwise. */
export const defaultLayers: readonly Kind[] = kinds.filter((kind) => shownKinds[kind].layerOn)

/** Short names of what is wrong with sensors of any kind. */
export const kindCauses: Readonly<Record<KindCause, Words>> = Object.assign(
  {},
  ...kinds.map((kind) => shownKinds[kind].causes),
)

/** What stands inside the marks of causes of any kind. */
export const kindGlyphs: Readonly<Partial<Record<KindCause, Glyph>>> = Object.assign(
  {},
  ...kinds.map((kind) => shownKinds[kind].glyphs),
)

/** How a rule is filled in with each condition that is of one kind alone. */
export const conditionFieldsOfKinds: Readonly<Record<ConditionTypeOf<Kind>, readonly RuleField[]>> = Object.assign(
  {},
  ...kinds.map((kind) => shownKinds[kind].conditions),
)

/** Whether one of these layers colours the roads, and whether one shows the VN_AQI of its sensors. */
export const coloursRoads = (layers: readonly Kind[]) => layers.some((kind) => shownKinds[kind].roads)
export const showsVnAqi = (layers: readonly Kind[]) => layers.some((kind) => shownKinds[kind].hasVnAqi)

/** What a new rule is about until another kind is chosen. */
export const kindOfNewRule: Kind = kinds.reduce((chosen, kind) => (shownKinds[kind].ofNewRule ? kind : chosen))

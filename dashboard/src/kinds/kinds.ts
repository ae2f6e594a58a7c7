import { type Kind, kinds } from '#telemetry/kinds.ts'
import { shownAirQuality } from './air-quality.ts'
import { shownLighting } from './lighting.ts'
import type { ShownKind } from './shown-kind.ts'
import { shownTraffic } from './traffic.ts'

/** How each kind is shown. */
export const shownKinds: Readonly<Record<Kind, ShownKind>> = {
  traffic: shownTraffic,
  lighting: shownLighting,
  'air-quality': shownAirQuality,
}

/** Layers that are on unless somebody says otherwise. */
export const defaultLayers: readonly Kind[] = kinds.filter((kind) => shownKinds[kind].layerOn)

import type { CorrectionSegment } from '#storage/roll-ups.ts'
import type { DataCorrection } from '#telemetry/data-corrections.ts'
import { valuesOfKind } from '#telemetry/values.ts'

/** A correction in force, with the points of its file. */
export type AppliedCorrection = Pick<DataCorrection, 'id' | 'kind' | 'value' | 'from' | 'to' | 'change'> & {
  points?: readonly (readonly [ts: number, value: number])[]
}

/** What a correction does to one value for a time; of several the one of the highest rank counts. */
interface Layer extends CorrectionSegment {
  rank: number
}

/**
 * Flattens corrections in force, in the order in which they were entered, to segments of which no two of one value overlap: at each
 * moment the last one entered counts alone, they do not add up. Where it says that a value counts as it was measured there is no segment.
 */
export function flattenCorrections(corrections: readonly AppliedCorrection[]): CorrectionSegment[] {
  const layers = new Map<string, Layer[]>()
  for (const [rank, correction] of corrections.entries())
    for (const segment of segmentsOf(correction)) {
      const of = layers.get(segment.value)
      if (of) of.push({ ...segment, rank })
      else layers.set(segment.value, [{ ...segment, rank }])
    }
  return [...layers.values()].flatMap(flattenLayers)
}

/** What one correction says by itself. */
function segmentsOf({ kind, value, from, to, change, points = [] }: AppliedCorrection): CorrectionSegment[] {
  if (change.type === 'file')
    return points.map(([ts, offset]) => ({ value: value ?? '', from: ts, to: ts + 1, factor: 0, offset }))
  const names = value === undefined ? valuesOfKind[kind].map(({ name }) => name) : [value]
  const effect =
    change.type === 'exclude'
      ? { exclusion: change.as, factor: 1, offset: 0 }
      : { factor: change.factor, offset: change.offset }
  return names.map((name) => ({ value: name, from, to, ...effect }))
}

function flattenLayers(layers: readonly Layer[]): CorrectionSegment[] {
  const begins = layers.toSorted((a, b) => a.from - b.from)
  const edges = [...new Set(layers.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b)
  const found: CorrectionSegment[] = []
  let active: Layer[] = []
  let next = 0
  for (const [at, from] of edges.entries()) {
    const to = edges[at + 1]
    if (to === undefined) break
    active = active.filter((layer) => layer.to > from)
    for (let layer = begins[next]; layer && layer.from <= from; layer = begins[++next]) active.push(layer)
    const [first, ...others] = active
    if (!first) continue
    const { rank: _, ...top } = others.reduce((best, layer) => (layer.rank > best.rank ? layer : best), first)
    if (countsAsMeasured(top)) continue
    const last = found.at(-1)
    if (last && last.to === from && isSameEffect(last, top)) last.to = to
    else found.push({ ...top, from, to })
  }
  return found
}

const countsAsMeasured = ({ exclusion, factor, offset }: CorrectionSegment) =>
  exclusion === undefined && factor === 1 && offset === 0

const isSameEffect = (a: CorrectionSegment, b: CorrectionSegment) =>
  a.exclusion === b.exclusion && a.factor === b.factor && a.offset === b.offset

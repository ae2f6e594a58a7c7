import type { QualityPart, QualityTerms } from '#telemetry/figures/quality-figures.ts'
import { addStates } from '../reading-state.ts'
import { rounded } from '../rounding.ts'

/** Terms of nothing. */
export function noTerms(): QualityTerms {
  return { readings: 0, expected: 0, timely: 0, freshMs: 0, spanMs: 0 }
}

/** Adds what is in `more` to `terms`; what is not known of either stays unknown, unless one has nothing yet. */
export function addTerms(terms: QualityTerms, more: QualityTerms): void {
  terms.readings += more.readings
  terms.expected += more.expected
  terms.timely += more.timely
  terms.freshMs += more.freshMs
  terms.spanMs += more.spanMs
  Object.assign(terms, addStates([terms, more]))
  for (const name of ['refused', 'judged', 'plausible'] as const) {
    const added = more[name]
    if (added !== undefined) terms[name] = (terms[name] ?? 0) + added
  }
}

const shareOf = (part: number | undefined, all: number | undefined) =>
  part === undefined || all === undefined || all === 0 ? undefined : rounded(Math.min(1, part / all), 4)

/**
 * The scores that follow from terms (1709/BKHCN-CĐSQG, 2025). đúng: readings / messages that came; đủ: readings / those promised; sạch: plausible
 * readings / readings; sống: the share of time in which the newest reading was fresh. The score is the least of those that are known.
 */
export function scoresOf(terms: QualityTerms): Partial<Record<QualityPart | 'score', number>> {
  const { readings, refused, expected, timely, judged, plausible, freshMs, spanMs } = terms
  const parts = {
    correct: refused === undefined ? undefined : shareOf(readings, readings + refused),
    complete: shareOf(timely, expected),
    clean: shareOf(plausible, judged),
    live: shareOf(freshMs, spanMs),
  }
  const known = Object.entries(parts).filter((entry): entry is [QualityPart, number] => entry[1] !== undefined)
  return {
    ...Object.fromEntries(known),
    ...(known.length > 0 && { score: Math.min(...known.map(([, share]) => share)) }),
  }
}

/** Order of what is scored: the lowest first, what has no score last. */
export function byScore(a: { score?: number | undefined }, b: { score?: number | undefined }): number {
  return (a.score ?? 2) - (b.score ?? 2)
}

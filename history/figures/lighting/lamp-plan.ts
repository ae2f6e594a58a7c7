import type { Span } from '#storage/roll-up/spans.ts'
import type { Dimming } from '#telemetry/figures/lighting-figures.ts'
import type { Position } from '#telemetry/position.ts'
import { type Night, nightsOf, type SunSpan, sunSpans } from './nights.ts'
import { fullLightMs } from './planned-energy.ts'

/** The sun over lamps that stand near one another, and what is planned for them. */
export class LampPlan {
  readonly #nights: readonly Night[]
  readonly #spans: readonly SunSpan[]
  readonly #dimmings: readonly Dimming[]
  readonly #zone: string
  readonly #known = new Map<string, { nightMs: number; fullLightMs: number }>()

  /** @param options `span`: of which the plan is, epoch ms; `edges`: whether nights are whole hours (UTC) */
  constructor(options: {
    position: Position
    zone: string
    span: Span
    edges: 'sun' | 'hours'
    dimmings: readonly Dimming[]
  }) {
    const { position, zone, span, edges, dimmings } = options
    this.#zone = zone
    this.#dimmings = dimmings
    this.#nights = nightsOf(position, zone, span)
    this.#spans = sunSpans(this.#nights, span, edges)
  }

  /** The span cut at night and day. */
  get sunSpans(): readonly SunSpan[] {
    return this.#spans
  }

  /** How long it is night in a part of the span, and the ms at full light that take as much energy as the plan for it; for one lamp. */
  in({ from, to }: Span): { nightMs: number; fullLightMs: number } {
    const key = `${from}/${to}`
    const known = this.#known.get(key)
    if (known) return known
    const planned = {
      nightMs: this.nightMsIn(from, to),
      fullLightMs: this.#nights.reduce(
        (sum, night) =>
          night.sunrise <= from || night.sunset >= to
            ? sum
            : sum + fullLightMs(night, this.#dimmings, this.#zone, { from, to }),
        0,
      ),
    }
    this.#known.set(key, planned)
    return planned
  }

  /** ms of night between two moments. */
  nightMsIn(from: number, to: number): number {
    return this.#spans.reduce(
      (sum, span) =>
        span.light === 'night' ? sum + Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)) : sum,
      0,
    )
  }
}

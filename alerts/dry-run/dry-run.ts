import { setImmediate as others } from 'node:timers/promises'
import { correctedReadings } from '#history/corrections/corrected-readings.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { maxSensorsOfAlert } from '#telemetry/alert.ts'
import { type DryRunResponse, maxDryRunAlerts } from '#telemetry/alert-rest.ts'
import type { AlertRuleDraft } from '#telemetry/alert-rule.ts'
import type { ClockHours } from '#telemetry/clock-hours.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import type { MonitoredSensor } from '../engine/monitored-sensor.ts'
import { RuleSimulation } from './rule-simulation.ts'

/** readings that one run looks at */
const maxReadings = 1_000_000
/** readings that are looked at in one go: what else alerts does waits no longer than for these */
const readingsInGo = 1_000
/** ms: when there are more, only the newest reading of each minute of a sensor is looked at */
const thinnedMs = 60_000

/** What to try, on whom, and for how long back from `now` (epoch ms). */
export interface DryRunOptions {
  store: TelemetryStore
  rule: AlertRuleDraft
  /** sensors that the rule applies to */
  sensors: readonly MonitoredSensor[]
  /** how many sensors of the kind there are */
  ofKind: number
  days: number
  now: number
  /** of the city's clock */
  hours: ClockHours
  /** ends it, with its reason */
  signal: AbortSignal
}

/** Dry run: evaluates a rule on the past, as people corrected it, and returns what it would have raised. */
export async function dryRun({
  store,
  rule,
  sensors,
  ofKind,
  days,
  now,
  hours,
  signal,
}: DryRunOptions): Promise<DryRunResponse> {
  const { kind } = rule.scope
  const asked = { kind, from: now - days * dayMs, to: now }
  const counts = await store.counts({ ...asked, window: hourMs }, { signal })
  const { from, step } = chooseSpan(counts, ofKind, asked.from)
  const simulation = new RuleSimulation(rule, sensors, { from, hours, spacing: spacingOf(counts, ofKind, step) })
  const one = sensors.length === 1 ? sensors[0] : undefined
  const query = { ...asked, from, limit: 2 * maxReadings, ...(step && { step }), ...(one && { sensor: one.id }) }
  if (sensors.length > 0)
    for await (const page of correctedReadings(store).readings(query, { signal }))
      for (const [at, reading] of page.entries()) {
        if (at % readingsInGo === 0) await others()
        signal.throwIfAborted()
        simulation.evaluate(reading)
      }
  simulation.end(now)
  const { found } = simulation
  return {
    from,
    to: now,
    total: found.length,
    sensors: sensors.length,
    readings: simulation.readings,
    alerts: found
      .sort((a, b) => b.raisedAt - a.raisedAt)
      .slice(0, maxDryRunAlerts)
      .map((alert) => ({ ...alert, sensors: alert.sensors.slice(0, maxSensorsOfAlert) })),
    complete: from === asked.from,
  }
}

/** All readings when there are few enough, else one a minute, and the newest hours only when those are still too many. */
function chooseSpan(counts: readonly { ts: number; count: number }[], sensors: number, from: number) {
  const all = counts.reduce((sum, { count }) => sum + count, 0)
  if (all <= maxReadings) return { from, step: 0 }
  const perHour = (sensors * hourMs) / thinnedMs
  let left = maxReadings
  for (const { ts, count } of counts.toReversed()) {
    left -= Math.min(count, perHour)
    if (left < 0) return { from: Math.max(from, ts + hourMs), step: thinnedMs }
  }
  return { from, step: thinnedMs }
}

/**
 * How far apart readings of a sensor are at a time, ms, taken from how many there were in that hour: an empty store is given
 * a sparser history than the sensors' own, in which nobody was silent. An hour without any is one in which nobody was listening.
 */
function spacingOf(counts: readonly { ts: number; count: number }[], sensors: number, step: number) {
  const spacings = new Map(counts.map(({ ts, count }) => [ts, Math.max(step, (sensors * hourMs) / count)]))
  return (ts: number) => spacings.get(Math.floor(ts / hourMs) * hourMs) ?? Number.POSITIVE_INFINITY
}

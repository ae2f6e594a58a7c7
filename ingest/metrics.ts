import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { runningStoreMetrics } from '#storage/running-store-metrics.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { Decoded } from './decode/decoded.ts'
import type { Refusal } from './decode/refusal.ts'

/** Counts what a block held, once the store has it. */
export function countBlock(
  metrics: IngestMetrics,
  { readings, unknownValues, nullValues, droppedValues, droppedStates = 0 }: Decoded,
): void {
  const kinds = new Map<Kind, number>()
  for (const { reading } of readings) kinds.set(reading.kind, (kinds.get(reading.kind) ?? 0) + 1)
  for (const [kind, count] of kinds) metrics.readings.inc({ kind }, count)
  if (unknownValues > 0) metrics.unknownValues.inc(unknownValues)
  if (nullValues > 0) metrics.nullValues.inc(nullValues)
  if (droppedValues > 0) metrics.droppedValues.inc(droppedValues)
  if (droppedStates > 0) metrics.droppedStates.inc(droppedStates)
}

/** Counts what was refused, by whomever. */
export function countRefusals(metrics: IngestMetrics, refusals: readonly Refusal[]): void {
  for (const { code, count, partial } of refusals) if (!partial) metrics.refused.inc({ code }, count)
}

/** What ingest counts. */
export function ingestMetrics(registry: Registry) {
  const registers = [registry]
  return {
    readings: new Counter({
      name: 'nhip_ingest_readings_total',
      help: 'valid readings, by kind',
      labelNames: ['kind'],
      registers,
    }),
    stored: new Counter({ name: 'nhip_ingest_stored_total', help: 'readings the store has', registers }),
    corrected: new Counter({
      name: 'nhip_ingest_corrected_total',
      help: 'readings that contradicted a value of the same sensor and time, and took its place; what is read from the journal again counts again',
      registers,
    }),
    refused: new Counter({
      name: 'nhip_ingest_refused_total',
      help: 'readings that were refused, by fault',
      labelNames: ['code'],
      registers,
    }),
    quarantineNotKept: new Counter({
      name: 'nhip_ingest_quarantine_not_kept_total',
      help: 'refused messages, and readings of a batch, beyond the bounds of the quarantine: counted, not kept',
      registers,
    }),
    quarantineBytes: new Gauge({
      name: 'nhip_ingest_quarantine_bytes',
      help: 'bytes of payload in quarantine (at most 67,108,864: then the oldest go); not a number until something was put there since the start',
      registers,
    }),
    devicesRefused: new Counter({
      name: 'nhip_ingest_devices_refused_total',
      help: 'meta and status messages of sensors that were refused, by fault; those that the broker keeps count with every connection',
      labelNames: ['code'],
      registers,
    }),
    devicesWaiting: new Gauge({
      name: 'nhip_ingest_devices_waiting',
      help: 'refused meta and status messages that wait for the store (at most 1,000)',
      registers,
    }),
    devicesNotKept: new Counter({
      name: 'nhip_ingest_devices_not_kept_total',
      help: 'refused meta and status messages beyond the bounds, or over which the store fails: counted, not kept',
      registers,
    }),
    unknownValues: new Counter({ name: 'nhip_ingest_unknown_values_total', help: 'unknown values dropped', registers }),
    nullValues: new Counter({
      name: 'nhip_ingest_null_values_total',
      help: 'values that were null: absent',
      registers,
    }),
    droppedStates: new Counter({
      name: 'nhip_ingest_dropped_states_total',
      help: 'states of values that the message does not hold, dropped',
      registers,
    }),
    droppedValues: new Counter({
      name: 'nhip_ingest_dropped_values_total',
      help: 'wrong values beside good ones: dropped and told in quarantine, the good ones stored',
      registers,
    }),
    damagedBlocks: new Counter({
      name: 'nhip_ingest_damaged_blocks_total',
      help: 'blocks of the journal that nobody can read: put aside in DATA_DIR/damaged-blocks',
      registers,
    }),
    unknownVersion: new Gauge({
      name: 'nhip_ingest_journal_version_unknown',
      help: '1 once the journal held a block of a version that this release cannot read: nothing more is taken',
      registers,
    }),
    clockOff: new Gauge({
      name: 'nhip_ingest_broker_clock_off_seconds',
      help: 'by how much the clock of a broker is ahead (negative: behind), where a second clock and the sensors say that it is wrong; 0 while it is right',
      registers,
    }),
    liveFaults: new Counter({
      name: 'nhip_ingest_live_faults_total',
      help: 'readings that could not be put on the live feed',
      registers,
    }),
    runningStore: runningStoreMetrics(registry, 'ingest'),
    held: new Gauge({
      name: 'nhip_ingest_held_readings',
      help: 'readings, and refused messages by their size, held for the store (bounded)',
      registers,
    }),
    behind: new Gauge({
      name: 'nhip_ingest_behind',
      help: '1 while the store writer reads the journal again from its own position',
      registers,
    }),
    keptFrom: new Gauge({
      name: 'nhip_ingest_kept_from_seconds',
      help: 'what was measured before this time (s since 1970) is removed from the store; 0 while nothing was',
      registers,
    }),
    trimFaults: new Counter({
      name: 'nhip_ingest_trim_faults_total',
      help: 'times that the store could not remove what is too old',
      registers,
    }),
    write: new Histogram({
      name: 'nhip_ingest_store_write_seconds',
      help: 'time of one batch into the store',
      buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
      registers,
    }),
  }
}
export type IngestMetrics = ReturnType<typeof ingestMetrics>

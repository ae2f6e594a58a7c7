import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import { type Alert, alertState } from '#telemetry/alert.ts'
import {
  type AlertItem,
  type HandOverSnapshot,
  handOverSnapshotSchema,
  maxHandOverBytes,
  maxHandOverItems,
  type OverriddenLamp,
  type SilentSensor,
} from '#telemetry/hand-over.ts'
import type { LampOverride } from '#telemetry/lamp-override.ts'
import type { SensorMeta, SensorState } from '#telemetry/sensor.ts'
import type { Correction, Note } from '#telemetry/shift-log.ts'
import { freshness } from '#telemetry/staleness.ts'
import type { AlertsClient } from '../alerts-client/alerts-client.ts'
import type { LampOverrides } from '../commands/lamp-overrides.ts'
import type { SensorRegistry } from '../sensors/sensor-registry.ts'
import { readNewNotes } from './hand-over-notes.ts'
import type { ShiftLog } from './shift-log.ts'

interface SnapshotParts {
  store: TelemetryStore
  alerts: Pick<AlertsClient, 'all' | 'watching'>
  sensors: SensorRegistry
  overrides: Pick<LampOverrides, 'list'>
  shiftLog: ShiftLog
  clock: () => number
}

function alertItem({ get }: { get(id: string): SensorState | undefined }, alert: Alert): AlertItem {
  const { id, name, priority, sensors, district, ward, raisedAt, acknowledged, assigned, shelved } = alert
  const sensor = sensors[0] ?? ''
  const meta = get(sensor)?.meta
  return {
    ...{ id, name, priority, state: alertState(alert), sensor, sensors: sensors.length },
    ...(meta && { sensorName: meta.name }),
    ...{ district, ...(ward === undefined ? {} : { ward }), raisedAt },
    ...(acknowledged && { acknowledged }),
    ...(assigned && { assigned }),
    ...(shelved && { shelved }),
  }
}

function silentSensor(state: SensorState, now: number): SilentSensor[] {
  const how = freshness(state, now)
  if (how !== 'stale' && how !== 'offline') return []
  const { id, district, kind, meta, reading, arrivedAt } = state
  const heardAt = arrivedAt ?? reading?.ts
  return [
    {
      ...{ sensor: id, kind, district, freshness: how },
      ...(meta && { name: meta.name }),
      ...(meta?.ward === undefined ? {} : { ward: meta.ward }),
      ...(heardAt === undefined ? {} : { heardAt }),
    },
  ]
}

function overriddenLamp(override: LampOverride, meta: SensorMeta | undefined): OverriddenLamp {
  return { ...override, ...(meta && { name: meta.name }), ...(meta?.ward === undefined ? {} : { ward: meta.ward }) }
}

/** The first of a list, as many as have room. */
function listOf<Item>(all: readonly Item[], mostBytes: number): { total: number; items: Item[] } {
  const items: Item[] = []
  let bytes = 0
  for (const item of all.slice(0, maxHandOverItems)) {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1
    if (bytes > mostBytes) break
    items.push(item)
  }
  return { total: all.length, items }
}

/** What a hand-over lists now, and the notes it names, as one moment of this server. Rejects with StoreUnavailableError. */
export async function createSnapshot(
  { store, alerts, sensors, overrides, shiftLog, clock }: SnapshotParts,
  context: QueryContext,
): Promise<{ snapshot: HandOverSnapshot; notes: (Note | Correction)[] }> {
  await shiftLog.refresh(context)
  const { onDuty } = shiftLog.state
  const last = shiftLog.lastHandOver
  const { total, notes } = await readNewNotes(store, { last, now: clock() }, context)
  const now = clock()
  const open = alerts.all()
  const unshelved = open
    .filter(({ shelved }) => !shelved)
    .sort((a, b) => a.priority - b.priority || b.raisedAt - a.raisedAt)
  const shelved = open
    .filter((alert) => alert.shelved)
    .sort((a, b) => (a.shelved?.until ?? 0) - (b.shelved?.until ?? 0))
  const silent = sensors
    .list()
    .flatMap((state) => silentSensor(state, now))
    .sort((a, b) => (b.heardAt ?? 0) - (a.heardAt ?? 0) || (a.sensor < b.sensor ? -1 : 1))
  const item = (alert: Alert) => alertItem({ get: (id) => sensors.get(id) }, alert)
  const snapshot = handOverSnapshotSchema.parse({
    at: now,
    ...(last && { since: last.at }),
    watching: alerts.watching,
    onDuty,
    open: {
      ...listOf(unshelved.map(item), maxHandOverBytes.open),
      critical: unshelved.filter(({ priority }) => priority === 1).length,
    },
    shelved: listOf(shelved.map(item), maxHandOverBytes.shelved),
    overridden: listOf(
      overrides.list().map((each) => overriddenLamp(each, sensors.get(each.sensor)?.meta)),
      maxHandOverBytes.overridden,
    ),
    offline: listOf(silent, maxHandOverBytes.offline),
    notes: { total, items: notes.map(({ id }) => id) },
  } satisfies HandOverSnapshot)
  return { snapshot, notes }
}

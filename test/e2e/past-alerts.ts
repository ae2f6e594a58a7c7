import { mkdir } from 'node:fs/promises'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { duckdbPath } from '#storage/open-store.ts'
import type { StoredEvent } from '#storage/store.ts'
import type { AlertEvent } from '#telemetry/alert.ts'
import { minuteMs } from '#telemetry/durations.ts'
import type { PresenceEvent } from '#telemetry/presence.ts'
import { silent } from '../journal/journal-parts.ts'

const base = {
  ...{ revision: 1, rule: 'long-gone', cause: 'threshold', unit: '', occurrences: 1 },
  ...{ district: 'tay-ninh', group: 'tay-ninh/threshold' },
} as const

/** Critical, shelved by Lan until an hour after the moment, unshelved 10 minutes after it and closed 20 minutes after it. */
export const shelvedThen = {
  ...{ ...base, id: 'shelvedthen', name: { vi: 'Bụi rất cao', en: 'Very high dust' }, priority: 1 },
  ...{ kind: 'air-quality', sensors: ['tay-ninh-air-quality-001'] },
} as const
/** A warning, acknowledged by Minh before the moment and closed 30 minutes after it. */
export const watchedThen = {
  ...{ ...base, id: 'watchedthen', name: { vi: 'Kẹt xe', en: 'Jam' }, priority: 2 },
  ...{ kind: 'traffic', sensors: ['tay-ninh-traffic-001'] },
} as const
/** Critical, raised a week after the moment, when the platform starts. */
export const openNow = {
  ...{ ...base, id: 'opennow', name: { vi: 'Kẹt nặng', en: 'Heavy jam' }, priority: 1 },
  ...{ kind: 'traffic', sensors: ['tay-ninh-traffic-002'] },
} as const
/** Offline at the moment, and back 10 minutes after it. */
export const offlineThen = 'tay-ninh-lighting-001'

/** Writes into the store of a platform that has never run what alerts recorded around a moment (epoch ms), and one alert of `now`. */
export async function recordPast(dataDir: string, moment: number, now: number): Promise<void> {
  await mkdir(dataDir, { recursive: true })
  const store = await openDuckdbStore({ path: duckdbPath(dataDir), log: silent })
  const at = (minutes: number) => moment + minutes * minuteMs
  const step = (
    type: AlertEvent['type'],
    ts: number,
    alert: { id: string; revision: number; [other: string]: unknown },
  ) => event('alert', `${alert.id}-${alert.revision}`, ts, { type, at: ts, alert })
  const presence = (ts: number, body: PresenceEvent) => event('presence', `presence-${ts}`, ts, body)
  const shelved = { by: 'Lan', at: at(-20), until: at(60), comment: 'đang sửa' }
  const acknowledged = { by: 'Minh', at: at(-5), comment: '' }
  const [one, two] = [
    { ...shelvedThen, raisedAt: at(-30) },
    { ...watchedThen, raisedAt: at(-15) },
  ]
  await store.appendEvents([
    event('alert', `checkpoint-${at(-60)}`, at(-60), { type: 'checkpoint', at: at(-60) }),
    step('raised', at(-30), one),
    step('shelved', at(-20), { ...one, revision: 2, shelved }),
    step('unshelved', at(10), { ...one, revision: 3 }),
    step('closed', at(20), { ...one, revision: 4, clearedAt: at(20), closedAt: at(20) }),
    step('raised', at(-15), two),
    step('acknowledged', at(-5), { ...two, revision: 2, acknowledged }),
    step('cleared', at(30), { ...two, revision: 3, acknowledged, clearedAt: at(30), closedAt: at(30) }),
    step('raised', now, { ...openNow, raisedAt: now }),
    presence(at(-10), { type: 'checkpoint', parts: 1, offline: [offlineThen] }),
    presence(at(10), { type: 'changes', changes: [[offlineThen, at(10), false]] }),
    presence(at(25), { type: 'checkpoint', parts: 1, offline: [] }),
  ])
  await store.close()
}

function event(stream: StoredEvent['stream'], id: string, ts: number, body: unknown): StoredEvent {
  return { stream, id, ts, body }
}

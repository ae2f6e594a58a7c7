import { dayMs, hourMs } from '#telemetry/durations.ts'
import type { CoverageResponse, ReplayDaysResponse, ReplayResponse } from '#telemetry/replay.ts'
import type { OperationExamples } from './operation-examples.ts'
import { exampleAlert, exampleAt, exampleDistrict, exampleLamp, exampleStation } from './shared.ts'

const table = {
  kind: 'air-quality' as const,
  values: ['pm25', 'pm10'],
  sensors: [{ id: exampleStation, district: exampleDistrict }],
}

const replay = {
  from: exampleAt,
  to: exampleAt + 600_000,
  step: 60_000,
  state: [{ ...table, rows: [[0, -10_000, 84.9, 119.8]] }],
  readings: [
    {
      ...table,
      rows: [
        [0, 0, 85.3, 120.5],
        [0, 60_000, 85.1],
      ],
    },
  ],
  offline: [],
  offlineNotedAt: exampleAt - 300_000,
  presence: [[exampleLamp, exampleAt + 90_000, false]],
  presenceNoted: [exampleAt + 600_000 - 1],
  alerts: [exampleAlert],
  alertsKept: 'all',
  alertSteps: [
    {
      ...{ type: 'acknowledged', at: exampleAt + 120_000, by: 'An', comment: '' },
      alert: { ...exampleAlert, revision: 2, acknowledged: { by: 'An', at: exampleAt + 120_000, comment: '' } },
    },
  ],
} satisfies ReplayResponse

const coverage = {
  from: exampleAt,
  to: exampleAt + 600_000,
  window: 300_000,
  shares: [1, 0.98],
  backfills: [{ from: exampleAt - dayMs, to: exampleAt, step: 300_000 }],
} satisfies CoverageResponse

const days = {
  first: exampleAt - dayMs,
  days: [{ from: exampleAt - 8 * hourMs, to: exampleAt + 16 * hourMs, hasReadings: true }],
} satisfies ReplayDaysResponse

/** Of the routes about a stretch of the past. */
export const pastExamples: Readonly<Record<string, OperationExamples>> = {
  getReplay: {
    parameters: {
      from: '2026-01-31T08:00:00+07:00',
      to: '2026-01-31T08:10:00+07:00',
      step: 60_000,
      state: 'true',
    },
    answer: replay,
  },
  getReplayCoverage: {
    parameters: { from: '2026-01-31T08:00:00+07:00', to: '2026-01-31T08:10:00+07:00' },
    answer: coverage,
  },
  listReplayDays: {
    parameters: { from: '2026-01-01T00:00:00+07:00', to: '2026-02-01T00:00:00+07:00' },
    answer: days,
  },
}

import type {
  CorrectionDryRun,
  CorrectionDryRunResponse,
  CorrectionEntry,
  CorrectionResponse,
  CorrectionsResponse,
  NewCorrection,
} from '#telemetry/data-corrections.ts'
import { dayMs, hourMs, minuteMs } from '#telemetry/durations.ts'
import type { OperationExamples } from './operation-examples.ts'
import { exampleAt, exampleReading, exampleStation } from './shared.ts'

const idAt = (at: number, random: string) => `${at.toString(36)}-${random}`
const span = { from: exampleAt - dayMs, to: exampleAt - dayMs + 2 * hourMs }
const change = { type: 'linear', factor: 1, offset: -4 } as const
const about = { kind: exampleReading.kind, sensor: exampleStation } as const

/** A correction in force. */
export const exampleCorrection = {
  type: 'correction',
  id: idAt(exampleAt, '0a1b2c3d4e5f'),
  ...{ at: exampleAt, by: 'Hoa', ...about, value: 'pm25', ...span, change },
  reason: 'Zero drift, found when the station was calibrated',
  needsConfirmation: false,
  state: 'in-force',
} satisfies CorrectionEntry

const waiting = {
  ...exampleCorrection,
  id: idAt(exampleAt + minuteMs, '1a2b3c4d5e6f'),
  ...{ at: exampleAt + minuteMs, needsConfirmation: true, state: 'in-force' },
  verdict: { at: exampleAt + 9 * minuteMs, by: 'Minh', verdict: 'confirmed', comment: '' },
} satisfies CorrectionEntry

const undoing = {
  type: 'undoing',
  id: idAt(exampleAt + 5 * minuteMs, '2a3b4c5d6e7f'),
  ...{ at: exampleAt + 5 * minuteMs, by: 'Hoa', ...about, undoes: exampleCorrection.id },
  reason: 'The wrong day',
  needsConfirmation: false,
  state: 'in-force',
} satisfies CorrectionEntry

const rejected = {
  ...{ ...exampleCorrection, needsConfirmation: true, state: 'rejected' },
  verdict: { at: exampleAt + 9 * minuteMs, by: 'Minh', verdict: 'rejected', comment: 'It was the other station' },
} as const satisfies CorrectionEntry

const dryRun = {
  ...{ ...about, ...span },
  values: [
    {
      ...{ value: 'pm25', changed: 120, outOfRange: 0 },
      ...{ before: { count: 120, mean: 36.5 }, after: { count: 120, mean: 32.5 } },
    },
  ],
  ...{ hours: 2, days: ['2026-01-30'], unmatched: 0, replaces: [], seen: '', truncated: false, readTo: span.to },
} satisfies CorrectionDryRunResponse

/** Of the routes about corrections of readings. */
export const correctionExamples: Readonly<Record<string, OperationExamples>> = {
  listCorrections: {
    parameters: {
      sensor: exampleStation,
      ...{ from: '2026-01-29T00:00:00+07:00', to: '2026-02-01T00:00:00+07:00', before: '2026-02-02T00:00:00+07:00' },
      limit: 50,
    },
    answer: { entries: [exampleCorrection], needConfirmation: false, truncated: false } satisfies CorrectionsResponse,
  },
  getCorrection: {
    parameters: { id: exampleCorrection.id },
    answer: { entry: exampleCorrection } satisfies CorrectionResponse,
  },
  dryRunCorrection: {
    body: { sensor: exampleStation, value: 'pm25', ...span, change } satisfies CorrectionDryRun,
    answer: dryRun,
  },
  createCorrection: {
    body: {
      ...{ sensor: exampleStation, value: 'pm25', ...span, change, reason: exampleCorrection.reason },
      seen: '',
    } satisfies NewCorrection,
    answer: exampleCorrection,
  },
  undoCorrection: { parameters: { id: exampleCorrection.id }, body: { reason: undoing.reason }, answer: undoing },
  confirmCorrection: { parameters: { id: waiting.id }, body: { comment: '' }, answer: waiting },
  rejectCorrection: {
    parameters: { id: rejected.id },
    body: { comment: rejected.verdict.comment },
    answer: rejected,
  },
}

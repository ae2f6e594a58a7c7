import { hourMs, minuteMs } from '#telemetry/durations.ts'
import type { HandOverSnapshot } from '#telemetry/hand-over.ts'
import {
  type Correction,
  type Duty,
  type HandOver,
  headOf,
  type NewHandOver,
  type NewNote,
  type Note,
} from '#telemetry/shift-log.ts'
import type { HandOverResponse, ShiftLogResponse, ShiftState, SnapshotResponse } from '#telemetry/shift-rest.ts'
import type { OperationExamples } from './operation-examples.ts'
import { exampleAlert, exampleAt, exampleDistrict, exampleLamp, exampleStation, exampleWard } from './shared.ts'

const name = { vi: 'Trạm không khí 1', en: 'Air station 1' }
const idAt = (at: number, random: string) => `${at.toString(36)}-${random}`

const note = {
  type: 'note',
  id: idAt(exampleAt + 5 * minuteMs, '0a1b2c3d4e5f'),
  at: exampleAt + 5 * minuteMs,
  by: 'An',
  happenedAt: exampleAt,
  text: 'Straw is burnt by the road; the ward was called',
  attachment: { type: 'sensor', id: exampleStation, name },
} satisfies Note
const correction = {
  type: 'correction',
  id: idAt(exampleAt + 9 * minuteMs, '1a2b3c4d5e6f'),
  at: exampleAt + 9 * minuteMs,
  by: 'An',
  corrects: note.id,
  text: 'Straw is burnt behind the school; the ward was called',
} satisfies Correction
const duty = {
  type: 'duty',
  id: idAt(exampleAt - 4 * hourMs, '2a3b4c5d6e7f'),
  at: exampleAt - 4 * hourMs,
  by: 'An',
  person: 'An',
  step: 'begin',
} satisfies Duty
const state = {
  now: exampleAt + 10 * minuteMs,
  onDuty: [{ person: 'An', since: duty.at }],
  newest: correction.id,
} satisfies ShiftState

const snapshot = {
  at: exampleAt + 10 * minuteMs,
  since: exampleAt - 8 * hourMs,
  watching: true,
  onDuty: state.onDuty,
  open: {
    total: 1,
    critical: 0,
    items: [
      {
        ...{ id: exampleAlert.id, name: exampleAlert.name, priority: exampleAlert.priority, state: 'unacknowledged' },
        ...{ sensor: exampleStation, sensors: 1, sensorName: name, district: exampleDistrict, ward: exampleWard },
        raisedAt: exampleAt,
      },
    ],
  },
  shelved: { total: 0, items: [] },
  overridden: {
    total: 1,
    items: [
      {
        ...{ sensor: exampleLamp, district: exampleDistrict, kind: 'lighting', ward: exampleWard },
        ...{ command: '0c2a9d04-5f0e-4f5e-9c39-3a0c3f1f4a11', by: 'An', since: exampleAt - hourMs },
        order: { action: 'dim', level: 0.4, until: exampleAt + 2 * hourMs },
      },
    ],
  },
  offline: { total: 0, items: [] },
  notes: { total: 2, items: [correction.id, note.id] },
} satisfies HandOverSnapshot
const seal = 'THE-SEAL-THAT-CAME-WITH-IT'

/** A hand-over as it was signed. */
export const exampleHandOver = {
  type: 'hand-over',
  id: idAt(exampleAt + 12 * minuteMs, '3a4b5c6d7e8f'),
  at: exampleAt + 12 * minuteMs,
  by: 'Bình',
  from: ['An'],
  comment: '',
  snapshot,
} satisfies HandOver
const head = headOf(exampleHandOver)

const log = {
  entries: [head, correction, note, duty],
  corrections: [correction],
  truncated: false,
} satisfies ShiftLogResponse
const span = { from: '2026-01-31T04:00:00+07:00', to: '2026-01-31T09:00:00+07:00' }

/** Of the routes about the shift log and hand-overs. */
export const shiftExamples: Readonly<Record<string, OperationExamples>> = {
  listShiftLog: { parameters: { ...span, limit: 50 }, answer: log },
  changeDuty: { body: { step: 'begin' }, answer: state },
  createShiftNote: {
    body: { text: note.text, attachment: { type: 'sensor', id: exampleStation } } satisfies NewNote,
    answer: note,
  },
  correctShiftNote: { body: { corrects: note.id, text: correction.text }, answer: correction },
  getHandOverSnapshot: { answer: { snapshot, notes: [correction, note], seal } satisfies SnapshotResponse },
  listHandOvers: { parameters: { ...span, limit: 20 }, answer: { handOvers: [head], truncated: false } },
  getHandOver: {
    parameters: { id: exampleHandOver.id },
    answer: { handOver: exampleHandOver, notes: [correction, note] } satisfies HandOverResponse,
  },
  signHandOver: { body: { snapshot, seal, from: ['An'], comment: '' } satisfies NewHandOver, answer: head },
}

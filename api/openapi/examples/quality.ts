import type { DiagnosisResponse } from '#telemetry/diagnostics.ts'
import { hourMs } from '#telemetry/durations.ts'
import type { QualityResponse } from '#telemetry/quality.ts'
import type { QuarantineResponse } from '#telemetry/quarantine-rest.ts'
import type { OperationExamples } from './operation-examples.ts'
import { exampleAt, exampleDistrict, exampleStation } from './shared.ts'

const topic = `city/v1/${exampleDistrict}/air-quality/${exampleStation}/reading`
const reason = 'pm25: is 2500, may be 0 to 1000'
const span = { from: '2026-01-31T08:00:00+07:00', to: '2026-01-31T09:00:00+07:00' }

const quality = {
  sensor: exampleStation,
  hours: [{ from: exampleAt, to: exampleAt + hourMs, correct: 0.997, complete: 1, clean: 1, live: 1, score: 0.997 }],
  truncated: false,
} satisfies QualityResponse

const payload = '{"ts":1769821200000,"pm25":2500}'
const quarantine = {
  total: 1,
  entries: [
    { ts: exampleAt + 150, topic, payload, payloadBytes: payload.length, code: 'INVALID_READING', reason, count: 1 },
  ],
  truncated: false,
} satisfies QuarantineResponse

const diagnosis = {
  now: exampleAt + 600_000,
  brokers: 1,
  outside: [],
  refusals: [
    {
      code: 'publish',
      at: exampleAt + 300_000,
      count: 3,
      address: '10.20.0.17',
      client: 'station-17',
      user: exampleStation,
      isKnown: true,
      topic: `city/v1/${exampleDistrict}/air-quality/${exampleStation}/readings`,
      nearest: topic,
    },
  ],
  messages: [{ ts: exampleAt + 150, topic, code: 'INVALID_READING', reason, count: 1 }],
  sensors: [
    {
      id: exampleStation,
      district: exampleDistrict,
      kind: 'air-quality',
      hasMeta: true,
      connection: 'online',
      lastSeenAt: exampleAt + 590_000,
    },
  ],
  truncated: false,
} satisfies DiagnosisResponse

/** Of the routes about how good data are, and why some are not there. */
export const qualityExamples: Readonly<Record<string, OperationExamples>> = {
  getSensorQuality: { parameters: { id: exampleStation, ...span }, answer: quality },
  listQuarantinedMessages: { parameters: { ...span, sensor: exampleStation, limit: 50 }, answer: quarantine },
  diagnoseDevices: { parameters: { search: exampleStation }, answer: diagnosis },
}

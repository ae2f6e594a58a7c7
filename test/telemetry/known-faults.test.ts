import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answerSchema } from '#telemetry/alert-requests.ts'
import { brokerFaultSchema } from '#telemetry/faults/broker-faults.ts'
import { knownFaults } from '#telemetry/faults/fault-table.ts'
import { refusedSchema } from '#telemetry/live.ts'
import { quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import { problemSchema } from '#telemetry/rest.ts'

const known = { code: 'NOT_SIGNED_IN', params: {} }
const unknown = { code: 'OF_A_NEWER_RELEASE', params: { most: 3 } }
/** Why a message, a value and a request may be refused. */
const missing = { code: 'MISSING', params: {}, path: 'pm25' }

describe('faults from another release', () => {
  it('are told but for the codes that are not known here', () => {
    const problem = { type: 'x', title: 'x', status: 401, code: 'X', requestId: '1' }
    expect(problemSchema.parse({ ...problem, faults: [unknown, known] }).faults).toEqual([known])
    expect(refusedSchema.parse({ event: 'x', error: 'x', faults: [known, unknown] }).faults).toEqual([known])
    const answer = { ok: false, code: 'X', detail: 'x', faults: [unknown, known, unknown] }
    expect(answerSchema.parse(answer)).toEqual({ ...answer, faults: [known] })
    const entry = { ts: Date.UTC(2026, 10), topic: 'x', payload: '', payloadBytes: 0, code: 'X', reason: 'x', count: 1 }
    expect(quarantinedSchema.parse({ ...entry, faults: [missing, unknown, missing] }).faults).toEqual([
      missing,
      missing,
    ])
  })

  it('are absent when none is left, there were none, or it is no list: the sentence beside them is then shown', () => {
    const schema = z.object({ faults: knownFaults(brokerFaultSchema) })
    for (const faults of [[unknown], [], 'none', undefined]) expect(schema.parse({ faults }).faults).toBeUndefined()
    expect(schema.parse({})).toEqual({})
  })

  it('are sent as they are', () => {
    const schema = z.object({ faults: knownFaults(brokerFaultSchema) })
    const sent = { faults: [{ code: 'NO_CLIENT_ID' as const, params: {} }] }
    expect(z.encode(schema, sent)).toEqual(sent)
    expect(z.encode(schema, {})).toEqual({})
  })

  it('are described in documents as a list of faults', () => {
    const described = z.toJSONSchema(z.object({ faults: knownFaults(brokerFaultSchema) }))
    expect(described.required).toBeUndefined()
    expect(described.properties?.faults).toMatchObject({ type: 'array' })
  })
})

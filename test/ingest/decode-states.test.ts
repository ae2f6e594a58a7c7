import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMessage } from '#ingest/decode/decode-message.ts'
import { TopicCache } from '#ingest/decode/topic-cache.ts'
import { deviceStates } from '#telemetry/device-state.ts'
import { wordsOfFault } from '#telemetry/faults/fault-table.ts'
import { toldFaults } from '#telemetry/faults/message-reasons.ts'
import { messageWordsVi } from '#telemetry/faults/message-words-vi.ts'
import { measuredReading, measuredValuesOf } from '#telemetry/measured-values.ts'
import { valuesOf } from '#telemetry/reading.ts'
import { sensorTopic } from '#telemetry/topics.ts'

const topics = new TopicCache()
const arrivedAt = Date.UTC(2026, 0, 15)
const topic = sensorTopic({ district: 'tay-ninh', kind: 'air-quality', sensor: 'sample-1', channel: 'reading' })
const decode = (payload: unknown) =>
  decodeMessage({ topic, payload: Buffer.from(JSON.stringify(payload)), arrivedAt }, topics)
const reading = (more: object) => ({ ts: arrivedAt, seq: 1, pm25: 12, no2: 34, ...more })

describe('the state in a message', () => {
  it.each<[string, unknown, object | undefined, { dropped?: number; nulls?: number }]>([
    ['one word for all of its values', 'calibrating', { pm25: 'calibrating', no2: 'calibrating' }, {}],
    ['a word for some', { no2: 'error' }, { no2: 'error' }, {}],
    ['a word for each', { no2: 'maintenance', pm25: 'measuring' }, { no2: 'maintenance' }, {}],
    ['what all do', 'measuring', undefined, {}],
    ['nothing', {}, undefined, {}],
    ['null', null, undefined, { nulls: 1 }],
    ['null of a value', { no2: null, pm25: 'error' }, { pm25: 'error' }, { nulls: 1 }],
    ['a word for a value that is not there', { pm10: 'error', pm25: 'error' }, { pm25: 'error' }, { dropped: 1 }],
    ['a word for what is no value', { ts: 'error', 'no such': 'broken' }, undefined, { dropped: 2 }],
  ])('is %s', (_what, state, states, { dropped, nulls = 0 }) => {
    const { readings, refusals, unknownValues, nullValues, droppedStates } = decode(reading({ state }))
    expect(refusals).toEqual([])
    expect(readings.map((item) => item.reading)).toMatchObject([{ seq: 1, values: { pm25: 12, no2: 34 } }])
    expect(readings[0]?.reading.states).toEqual(states)
    expect({ unknownValues, nullValues, droppedStates }).toEqual({
      ...{ unknownValues: 0, nullValues: nulls, droppedStates: dropped },
    })
  })

  it.each<[unknown, object | undefined, string, string]>([
    [
      'broken',
      undefined,
      'state: is "broken", must be one of measuring, calibrating, error, maintenance',
      'state: là "broken", phải là một trong: measuring, calibrating, error, maintenance',
    ],
    [['error'], undefined, 'state: is ["error"], must be a text', 'state: là ["error"], phải là chữ'],
    [
      { no2: 'kaput', pm25: 'error' },
      { pm25: 12 },
      'state.no2: is "kaput", must be one of measuring, calibrating, error, maintenance',
      'state.no2: là "kaput", phải là một trong: measuring, calibrating, error, maintenance',
    ],
    [{ no2: 7 }, { pm25: 12 }, 'state.no2: is 7, must be a text', 'state.no2: là 7, phải là chữ'],
  ])('that is none refuses the values that it is about, with a code: %j', (state, values, en, vi) => {
    const { readings, refusals, droppedValues } = decode(reading({ state }))
    expect(readings.map((item) => valuesOf(item.reading))).toEqual(values ? [values] : [])
    expect(refusals).toMatchObject([{ code: 'VALUE', ...(values && { partial: true }) }])
    expect(droppedValues).toBe(values ? 1 : 0)
    const faults = refusals.flatMap((refusal) => refusal.faults)
    expect(faults.map((fault) => toldFaults([fault]).reason)).toEqual([en])
    expect(faults.map((fault) => wordsOfFault(messageWordsVi, fault))).toEqual([vi])
  })

  it('is of each reading of a batch by itself, and goes with a value that is refused', () => {
    const { readings, refusals, droppedStates } = decode([
      reading({ state: 'error' }),
      reading({ ts: arrivedAt + 1 }),
      reading({ ts: arrivedAt + 2, no2: -4, state: { no2: 'calibrating', pm25: 'calibrating' } }),
    ])
    expect(readings.map((item) => item.reading.states)).toEqual([
      { pm25: 'error', no2: 'error' },
      undefined,
      { pm25: 'calibrating' },
    ])
    expect(refusals).toMatchObject([{ code: 'VALUE', partial: true, count: 1 }])
    expect(droppedStates).toBe(1)
  })

  it('never takes nor makes a value, and is never of one that is not there, whatever it is', () => {
    const word = fc.oneof(fc.constantFrom(...deviceStates), fc.string(), fc.jsonValue())
    const names = fc.constantFrom('pm25', 'no2', 'pm10', 'ts', 'constructor', '__proto__')
    fc.assert(
      fc.property(fc.oneof(word, fc.dictionary(names, word)), (state) => {
        const { readings, refusals } = decode(reading({ state }))
        expect(readings.length + refusals.length).toBeGreaterThan(0)
        for (const item of readings) {
          const values = valuesOf(item.reading)
          expect({ pm25: 12, no2: 34 }).toMatchObject(values)
          const { states = {} } = item.reading
          for (const name of Object.keys(states)) expect(Object.keys(values)).toContain(name)
          for (const said of Object.values(states)) expect(deviceStates.slice(1)).toContain(said)
          const measured = measuredValuesOf(item.reading)
          expect({ ...measured, ...states }).toEqual(
            Object.fromEntries(Object.keys(values).map((name) => [name, expect.anything()])),
          )
          expect(measuredReading(item.reading)?.values ?? {}).toEqual(measured)
          // what is not refused is all there
          if (refusals.length === 0) expect(values).toEqual({ pm25: 12, no2: 34 })
        }
      }),
    )
  })
})

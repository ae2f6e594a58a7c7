import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { keysResponse } from '#telemetry/accounts.ts'
import { parseItemwise } from '#telemetry/itemwise.ts'
import { jsonOf } from '#telemetry/json.ts'
import { liveBatchSchema } from '#telemetry/live.ts'
import { personSchema } from '#telemetry/people.ts'
import { replayResponse } from '#telemetry/replay.ts'
import { vnAqiResponse } from '#telemetry/vn-aqi-rest.ts'
import { air, noon, traffic } from '../alerts/alert-samples.ts'

const even = z.object({ even: z.number().multipleOf(2) })
const message = z.object({ now: z.number(), first: z.array(even), second: z.array(even).max(3).optional() })
const item = fc.oneof(
  fc.nat(9).map((even) => ({ even })),
  fc.jsonValue(),
)
const isEven = (one: unknown) => even.safeParse(one).success

describe('a message read item by item', () => {
  it('keeps every item that fits, in its order, and counts the others', () => {
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const fitting = items.filter(isEven).map((one) => even.parse(one))
        const parsed = parseItemwise(z.array(even), items)
        expect(parsed).toMatchObject({ ok: true, value: fitting, dropped: items.length - fitting.length })
      }),
    )
  })

  it('does so in each of its lists', () => {
    fc.assert(
      fc.property(fc.array(item), fc.array(item, { maxLength: 3 }), (first, second) => {
        const parsed = parseItemwise(message, { now: 1, first, second }, 'first', 'second')
        const kept = [first.filter(isEven).length, second.filter(isEven).length]
        expect(parsed.ok && [parsed.value.first.length, parsed.value.second?.length]).toEqual(kept)
        expect(parsed).toMatchObject({ dropped: first.length + second.length - Number(kept[0]) - Number(kept[1]) })
      }),
    )
  })

  it.each([
    ['something else in it is wrong', { now: '?', first: [{ even: 2 }] }],
    ['a list is missing', { now: 1 }],
    ['a list is none', { now: 1, first: 'none' }],
    ['a list is beyond its bound', { now: 1, first: [], second: [2, 4, 6, 8].map((even) => ({ even })) }],
    ['it is none', undefined],
    ['it is a list', [{ even: 2 }]],
  ])('is refused whole where %s', (_, data) => {
    expect(parseItemwise(message, data, 'first', 'second')).toEqual({ ok: false, reason: expect.any(String) })
  })

  it('lets an older reader take the kinds it knows from a newer writer', () => {
    const known = [air(noon, 5), traffic(noon, 30)].map((reading) => ({ reading, arrivedAt: noon }))
    const foreign = { reading: { ...air(noon, 5), kind: 'tide', values: { level: 1 } }, arrivedAt: noon }
    expect(parseItemwise(liveBatchSchema, jsonOf(JSON.stringify([foreign, ...known])))).toMatchObject({
      ok: true,
      value: known,
      dropped: 1,
    })
    const table = { kind: 'air-quality', values: ['pm25'], sensors: [], rows: [] }
    const answer = {
      from: noon,
      to: noon + 1_000,
      step: 0,
      readings: [table, { ...table, kind: 'tide' }],
      presence: [],
    }
    const replay = parseItemwise(replayResponse, answer, 'state', 'readings', 'presence')
    expect(replay.ok && replay.value.readings).toEqual([table])
    // an older writer knows nothing of the alerts of then
    expect(replay).toMatchObject({ value: { alertsKept: 'none', alertSteps: [], presenceNoted: [] } })
    expect(parseItemwise(vnAqiResponse, { asOf: noon, stations: [] })).toMatchObject({ value: { without: [] } })
    expect(parseItemwise(liveBatchSchema, jsonOf('not JSON'))).toMatchObject({ ok: false })
  })
})

describe('who is signed in, said by a newer release', () => {
  it('has the rights that are known here', () => {
    const said = { name: 'An', role: 'operator', rights: ['see', 'drones:fly', 'shift:write'] }
    expect(personSchema.parse(said).rights).toEqual(['see', 'shift:write'])
    const key = { id: 'k', name: 'radio', by: 'An', rights: ['drones:fly', 'see'], createdAt: noon, until: noon }
    expect(keysResponse.parse({ keys: [key] }).keys).toMatchObject([{ rights: ['see'] }])
  })
})

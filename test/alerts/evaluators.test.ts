import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEvaluator, type ReadingCondition } from '#alerts/evaluators/create-evaluator.ts'
import type { Evaluator, Transition } from '#alerts/evaluators/evaluator.ts'
import { evaluateGroups } from '#alerts/evaluators/group-evaluator.ts'
import { findNeighbourhoods } from '#alerts/evaluators/neighbours.ts'
import { SilenceEvaluator } from '#alerts/evaluators/silence-evaluator.ts'
import { distance, offset } from '#telemetry/geometry.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import { air, lamp, meta, midnight, minuteMs, noon, traffic } from './alert-samples.ts'

const hourMs = 60 * minuteMs
const dusty: ReadingCondition = { type: 'threshold', value: 'pm25', above: 100, hysteresis: 10, forSeconds: 120 }

/** What an evaluator makes of readings: `raise@minute` and `clear@minute`. */
function story(evaluator: Evaluator, readings: readonly Reading[], since = noon): string[] {
  return transitions(evaluator, readings).map(({ type, at }) => `${type}@${(at - since) / minuteMs}`)
}
function transitions(evaluator: Evaluator, readings: readonly Reading[]): Transition[] {
  return readings.flatMap((reading) => evaluator.evaluate(reading, meta) ?? [])
}
const eachMinute = (values: readonly number[], make = air, since = noon) =>
  values.map((value, minute) => make(since + minute * minuteMs, value))

describe('a threshold', () => {
  it('is raised after its time beyond the limit, and cleared beyond the hysteresis', () => {
    const values = [90, 110, 110, 110, 110, 95, 91, 90, 90]
    expect(story(createEvaluator(dusty), eachMinute(values))).toEqual(['raise@3', 'clear@7'])
  })

  it('is not raised by what comes and goes', () => {
    expect(story(createEvaluator(dusty), eachMinute([110, 110, 99, 110, 110, 95, 110]))).toEqual([])
  })

  it('does not take it that a value lasted through a long silence', () => {
    const readings = [air(noon, 110), air(noon + 2 * hourMs, 110), air(noon + 2 * hourMs + 2 * minuteMs, 110)]
    expect(story(createEvaluator(dusty), readings)).toEqual(['raise@122'])
  })

  it('says what was measured and what the limit is, on either side', () => {
    const supply: ReadingCondition = {
      type: 'threshold',
      value: 'pm25',
      above: 253,
      below: 207,
      hysteresis: 3,
      forSeconds: 0,
    }
    const find = (value: number) => createEvaluator(supply).evaluate(air(noon, value), meta)
    expect(find(199)).toMatchObject({ finding: { value: 199, limit: 207, valueName: 'pm25', unit: 'µg/m³' } })
    expect(find(254)).toMatchObject({ finding: { value: 254, limit: 253 } })
    expect(find(230)).toBeUndefined()
  })
})

describe('a level of the sensor’s own', () => {
  const reached: ReadingCondition = {
    ...{ type: 'own-level', value: 'averageVehicleSpeed', level: 'freeFlowSpeed' },
    ...{ side: 'above', hysteresis: 5, forSeconds: 60 },
  }
  const readings = eachMinute([40, 50, 50, 46, 45, 55, 55], traffic)
  const own = { ...meta, freeFlowSpeed: 50 }
  const storyWith = (condition: ReadingCondition, said: SensorMeta) => {
    const evaluator = createEvaluator(condition)
    return readings.flatMap((reading) => evaluator.evaluate(reading, said)?.type ?? [])
  }

  it('is raised where the value reaches it for its time, and cleared beyond the hysteresis', () => {
    expect(storyWith(reached, own)).toEqual(['raise', 'clear', 'raise'])
    expect(
      storyWith({ ...reached, side: 'below', hysteresis: 0, forSeconds: 0 }, { ...own, freeFlowSpeed: 46 }),
    ).toEqual(['raise', 'clear', 'raise', 'clear'])
  })

  it('is that of each sensor, and watches none that has not told it', () => {
    expect(storyWith(reached, { ...own, freeFlowSpeed: 60 })).toEqual([])
    expect(storyWith(reached, { ...meta, freeFlowSpeed: undefined })).toEqual([])
    const [, at] = readings
    const finding = { value: 50, valueName: 'averageVehicleSpeed', limit: 50, unit: 'km/h' }
    expect(at && createEvaluator({ ...reached, forSeconds: 0 }).evaluate(at, own)).toMatchObject({ finding })
  })
})

const minutes = fc.array(fc.integer({ min: 60, max: 140 }), { minLength: 1, maxLength: 120 })

describe('whatever the readings', () => {
  it('raise and clear take turns, each later than the one before', () => {
    fc.assert(
      fc.property(minutes, (values) => {
        const told = transitions(createEvaluator(dusty), eachMinute(values))
        told.forEach(({ type, at }, index) => {
          expect(type).toBe(index % 2 === 0 ? 'raise' : 'clear')
          expect(at).toBeGreaterThan(told[index - 1]?.at ?? 0)
        })
      }),
    )
  })

  it('a value is raised exactly when it was beyond the limit for the whole time', () => {
    fc.assert(
      fc.property(minutes, (values) => {
        const raised = transitions(createEvaluator(dusty), eachMinute(values)).filter(({ type }) => type === 'raise')
        for (const { at } of raised) {
          const minute = (at - noon) / minuteMs
          expect(values.slice(minute - 2, minute + 1).every((value) => value > 100)).toBe(true)
        }
        const first = values.findIndex((_, at) => at >= 2 && values.slice(at - 2, at + 1).every((value) => value > 100))
        expect(raised.length > 0).toBe(first >= 0)
      }),
    )
  })

  it('late and doubled readings change nothing', () => {
    // those of the newest time itself are corrections of it: below
    const mess = fc.tuple(minutes, fc.array(fc.tuple(fc.nat(200), fc.nat(120), fc.integer({ min: 0, max: 300 }))))
    fc.assert(
      fc.property(mess, ([values, late]) => {
        const inOrder = eachMinute(values)
        const given = inOrder.flatMap((reading, at) => [
          reading,
          ...late
            .filter(([where]) => where === at)
            .map(([, before, value]) => (before === 0 ? reading : air(reading.ts - before * minuteMs, value))),
        ])
        expect(transitions(createEvaluator(dusty), given)).toEqual(transitions(createEvaluator(dusty), inOrder))
      }),
    )
  })

  it('a correction is evaluated in the place of what it corrects', () => {
    const corrected = fc.array(
      fc.record({ value: fc.integer({ min: 60, max: 140 }), wrong: fc.option(fc.integer({ min: 91, max: 100 })) }),
      { minLength: 1, maxLength: 120 },
    )
    fc.assert(
      fc.property(corrected, (told) => {
        const inOrder = eachMinute(told.map(({ value }) => value))
        const given = inOrder.flatMap((reading, minute) => {
          const wrong = told[minute]?.wrong
          return typeof wrong === 'number' ? [air(reading.ts, wrong), reading] : [reading]
        })
        expect(transitions(createEvaluator(dusty), given)).toEqual(transitions(createEvaluator(dusty), inOrder))
      }),
    )
    // one that takes a raise back clears it, one that asks for it raises it
    expect(story(createEvaluator(dusty), [...eachMinute([110, 110, 110]), air(noon + 2 * minuteMs, 80)])).toEqual([
      'raise@2',
      'clear@2',
    ])
    expect(story(createEvaluator(dusty), [...eachMinute([110, 110, 80]), air(noon + 2 * minuteMs, 110)])).toEqual([
      'raise@2',
    ])
  })

  it('an evaluator that starts anew knowing what is open never raises twice or clears twice', () => {
    fc.assert(
      fc.property(minutes, fc.nat(120), (values, cut) => {
        const readings = eachMinute(values)
        const before = createEvaluator(dusty)
        const told = transitions(before, readings.slice(0, cut))
        told.push(...transitions(createEvaluator(dusty, before.active), readings.slice(cut)))
        told.forEach(({ type }, index) => {
          expect(type).toBe(index % 2 === 0 ? 'raise' : 'clear')
        })
      }),
    )
  })
})

describe('the other conditions', () => {
  it('a value that rises fast is told, one that rises slowly is not', () => {
    const rising: ReadingCondition = { type: 'rate', value: 'pm25', direction: 'up', change: 50, withinSeconds: 600 }
    const fast = [10, 10, 30, 50, 70, 70, ...Array.from({ length: 14 }, () => 70)]
    expect(story(createEvaluator(rising), eachMinute(fast))).toEqual([
      'raise@4',
      expect.stringMatching(/^clear@1[0-4]$/),
    ])
    const slow = Array.from({ length: 60 }, (_, minute) => 10 + 2 * minute)
    expect(story(createEvaluator(rising), eachMinute(slow))).toEqual([])
    const falling = fast.map((value) => 100 - value)
    expect(story(createEvaluator(rising), eachMinute(falling))).toEqual([])
    expect(story(createEvaluator({ ...rising, direction: 'either' }), eachMinute(falling))[0]).toBe('raise@4')
  })

  it('a rate tells how far the value moved and within which time, beside its limit', () => {
    const moving: ReadingCondition = {
      type: 'rate',
      value: 'pm25',
      direction: 'either',
      change: 50,
      withinSeconds: 600,
    }
    const found = (values: number[]) =>
      transitions(createEvaluator(moving), eachMinute(values)).flatMap((one) =>
        one.type === 'raise' ? [one.finding] : [],
      )
    const moved = { valueName: 'pm25', limit: 50, withinSeconds: 600 }
    expect(found([10.1, 30, 62.3])).toMatchObject([{ value: 62.3, change: 52.2, ...moved }])
    expect(found([90, 60, 30])).toMatchObject([{ value: 30, change: -60, ...moved }])
  })

  it('a value that never moves is stuck, until it moves', () => {
    const stuck: ReadingCondition = { type: 'stuck', value: 'pm25', tolerance: 0.5, forSeconds: 600 }
    const values = [10, 20, ...Array.from({ length: 15 }, (_, at) => 30 + (at % 2) / 2), 40, 41]
    expect(story(createEvaluator(stuck), eachMinute(values))).toEqual(['raise@13', 'clear@17'])
  })

  it('a lamp that is dark at night is told until it is seen burning, not until morning', () => {
    const dark: ReadingCondition = { type: 'lamp-dark', forSeconds: 120 }
    const night = eachMinute([100, 100, 1, 1, 1, 1], lamp, midnight)
    const day = [lamp(midnight + 12 * hourMs, 0)]
    const nextNight = [lamp(midnight + 24 * hourMs, 100)]
    expect(story(createEvaluator(dark), [...night, ...day, ...nextNight], midnight)).toEqual(['raise@4', 'clear@1440'])
  })

  it('a lamp that burns by day is told until it is seen off', () => {
    const burning: ReadingCondition = { type: 'lamp-burning', forSeconds: 60 }
    expect(story(createEvaluator(burning), eachMinute([0, 100, 100, 100, 0], lamp))).toEqual(['raise@2', 'clear@4'])
    expect(story(createEvaluator(burning), eachMinute([100, 100, 100], lamp, midnight), midnight)).toEqual([])
  })

  it('a lamp that reports a fault is told until it reports none', () => {
    const fault: ReadingCondition = { type: 'lamp-fault', forSeconds: 60 }
    const reports = (['none', 'driver', 'driver', undefined, 'supply', 'none'] as const).map((reported, minute) => {
      const reading = lamp(noon + minute * minuteMs, 0)
      return { ...reading, values: { ...reading.values, ...(reported && { fault: reported }) } } as Reading
    })
    expect(story(createEvaluator(fault), reports)).toEqual(['raise@2', 'clear@5'])
    expect(transitions(createEvaluator(fault), reports)[0]).toMatchObject({
      finding: { value: 'driver', valueName: 'fault', unit: '' },
    })
  })

  it('a lamp of a wrong power is told until it burns with the right one, not until it is off', () => {
    const power: ReadingCondition = { type: 'lamp-power', forSeconds: 120 }
    const burns = (at: number, watts: number) => {
      const reading = lamp(at, watts)
      return { ...reading, values: { ...reading.values, illuminanceLevel: 1 } } as Reading
    }
    const watts = [100, 60, 60, 60, 0, 60, 100]
    const told = transitions(createEvaluator(power), eachMinute(watts, burns, midnight))
    expect(told.map(({ type, at }) => [type, (at - midnight) / minuteMs])).toEqual([
      ['raise', 3],
      ['clear', 6],
    ])
    expect(told[0]).toMatchObject({ finding: { value: 60, valueName: 'activePower', limit: 80, unit: 'W' } })
    expect(story(createEvaluator(power), eachMinute([0, 0, 0, 0], burns, midnight), midnight)).toEqual([])
    expect(story(createEvaluator(power), eachMinute([60, 60, 60, 60], burns))).toEqual([])
  })

  it('a road is jammed from its index on, for its time', () => {
    const jam: ReadingCondition = { type: 'congestion', index: 2, hysteresis: 0.5, forSeconds: 120 }
    const evaluator = createEvaluator(jam)
    const speeds = [50, 20, 20, 20, 30, 30, 40]
    const told = transitions(evaluator, eachMinute(speeds, traffic))
    expect(told.map(({ type, at }) => [type, (at - noon) / minuteMs])).toEqual([
      ['raise', 3],
      ['clear', 6],
    ])
    expect(told[0]).toMatchObject({ finding: { value: 2.5, limit: 2, unit: '' } })
  })

  it('the hourly VN_AQI is told at the end of the hour that reaches the band', () => {
    const bad: ReadingCondition = { type: 'vn-aqi', band: 'unhealthy', hysteresis: 5 }
    const start = Math.ceil(noon / hourMs) * hourMs
    const hours = [20, 20, 160, 160, 160, 20, 20, 20, 20, 20]
    const readings = hours.flatMap((value, hour) =>
      Array.from({ length: 60 }, (_, minute) => air(start + hour * hourMs + minute * minuteMs, value)),
    )
    const told = transitions(createEvaluator(bad), readings)
    expect(told.map(({ type, at }) => [type, (at - start) / hourMs])).toEqual([
      ['raise', 3],
      ['clear', 7],
    ])
    expect(told[0]).toMatchObject({ finding: { limit: 151, unit: '' } })
  })
})

describe('silence', () => {
  it('is told once its time is over, and cleared by the next reading', () => {
    const evaluator = new SilenceEvaluator({ active: false, heardAt: noon })
    expect(evaluator.pass(noon + 180_000, 180_000)).toBeUndefined()
    expect(evaluator.pass(noon + 180_001, 180_000)).toMatchObject({
      type: 'raise',
      finding: { value: 180, limit: 180 },
    })
    expect(evaluator.pass(noon + 300_000, 180_000)).toBeUndefined()
    expect(evaluator.hear(noon + 310_000, false)).toBeUndefined()
    expect(evaluator.hear(noon + 320_000, true)).toEqual({ type: 'clear', at: noon + 320_000 })
    expect(evaluator.hear(noon + 310_000, true)).toBeUndefined()
  })
})

describe('neighbours', () => {
  const at = (id: string, east: number, north = 0) => ({ id, position: offset([106.1, 11.3], east, north) })
  const row = [at('a', 0), at('b', 80), at('c', 160), at('d', 240), at('far', 900)]

  it('hang together when each is near the next', () => {
    expect(findNeighbourhoods(row, 100, 2)).toEqual([['a', 'b', 'c', 'd']])
    expect(findNeighbourhoods(row, 70, 2)).toEqual([])
  })

  it('are found as a plain look at every pair finds them', () => {
    const place = fc.tuple(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 2_000 }))
    fc.assert(
      fc.property(fc.uniqueArray(place, { maxLength: 40 }), (places) => {
        const sensors = places.map(([east, north], index) => at(String(index).padStart(3, '0'), east, north))
        const groupOf = new Map(sensors.map(({ id }) => [id, id]))
        for (let pass = 0; pass < sensors.length; pass++)
          for (const a of sensors)
            for (const b of sensors)
              if (distance(a.position, b.position) <= 300) {
                const least = [groupOf.get(a.id) ?? '', groupOf.get(b.id) ?? ''].sort()[0] ?? ''
                groupOf.set(a.id, least).set(b.id, least)
              }
        const plain = new Map<string, string[]>()
        for (const { id } of sensors)
          plain.set(groupOf.get(id) ?? '', [...(plain.get(groupOf.get(id) ?? '') ?? []), id])
        const large = [...plain.values()].filter(({ length }) => length >= 3)
        expect(findNeighbourhoods(sensors, 300, 3).sort()).toEqual(large.sort())
      }),
      { numRuns: 30 },
    )
  })

  it('stay one group while it grows and shrinks, and are over when fewer than half of the least number fail', () => {
    const condition = { atLeast: 4, withinMetres: 100 }
    const failing = row.slice(0, 4)
    expect(evaluateGroups(condition, [], failing)).toEqual([{ type: 'raise', sensors: ['a', 'b', 'c', 'd'] }])
    const known = [{ key: 'k', sensors: ['a', 'b', 'c', 'd'] }]
    expect(evaluateGroups(condition, known, failing)).toEqual([])
    const more = [...failing, at('e', 320)]
    expect(evaluateGroups(condition, known, more)).toEqual([
      { type: 'change', key: 'k', sensors: ['a', 'b', 'c', 'd', 'e'] },
    ])
    expect(evaluateGroups(condition, known, row.slice(0, 2))).toEqual([
      { type: 'change', key: 'k', sensors: ['a', 'b'] },
    ])
    expect(evaluateGroups(condition, known, row.slice(0, 1))).toEqual([{ type: 'clear', key: 'k' }])
  })
})

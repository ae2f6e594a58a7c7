import { describe, expect, it } from 'vitest'
import { loadCity } from '#city/city.ts'
import { Lamp } from '#simulators/kinds/lighting/lamp.ts'
import { lightingAt } from '#simulators/kinds/lighting/values.ts'
import { placeSensors } from '#simulators/placement.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'

const seed = 1
const sensors = placeSensors(await loadCity(), 200, seed)
const sensor = sensors.find(({ kind, fault }) => kind === 'lighting' && !fault) ?? expect.fail('no lamp')
/** Monday 12 January 2026, 20:00 in Tây Ninh: every lamp burns at full light */
const evening = Date.UTC(2026, 0, 12, 13)
const order = (given: object) => JSON.stringify({ id: 'c-1', ...given })
const counters = (lamp: Lamp, ts: number) => {
  const { energy = 0, lampHours = 0 } = lamp.valuesAt(ts)
  return { energy, lampHours }
}

describe('a simulated lamp', () => {
  it('says what its schedule says until it is told otherwise', () => {
    const lamp = new Lamp(sensor, seed)
    for (let hour = 0; hour < 48; hour++)
      expect(lamp.valuesAt(evening + hour * hourMs)).toEqual(lightingAt(sensor, evening + hour * hourMs, seed))
  })

  it('obeys, acknowledges with the id of the command, and goes back to its schedule when told', () => {
    const lamp = new Lamp(sensor, seed)
    expect(lamp.obey(order({ action: 'dim', level: 0.25 }), evening)).toEqual({ id: 'c-1', ok: true })
    expect(lamp.valuesAt(evening)).toMatchObject({ powerState: 'low', illuminanceLevel: 0.25 })
    lamp.obey(order({ action: 'off' }), evening)
    expect(lamp.valuesAt(evening + 1)).toMatchObject({ powerState: 'off', illuminanceLevel: 0, activePower: 0 })
    lamp.obey(order({ action: 'automatic' }), evening)
    expect(lamp.valuesAt(evening + 2)).toMatchObject({ powerState: 'on', illuminanceLevel: 1 })
  })

  it('goes back to its schedule by itself when the time of the order is over', () => {
    const lamp = new Lamp(sensor, seed)
    lamp.obey(order({ action: 'off', until: evening + hourMs }), evening)
    expect(lamp.valuesAt(evening + hourMs - 1).powerState).toBe('off')
    expect(lamp.valuesAt(evening + hourMs).powerState).toBe('on')
    const late = lamp.obey(order({ action: 'off', until: evening }), evening)
    expect(late).toMatchObject({ ok: false, error: expect.stringContaining('over') })
    expect(lamp.valuesAt(evening + hourMs + 1).powerState).toBe('on')
  })

  it('counts what it burned under orders: nothing while off, never backwards', () => {
    const lamp = new Lamp(sensor, seed)
    const before = counters(lamp, evening)
    lamp.obey(order({ action: 'off' }), evening)
    const off = counters(lamp, evening + 2 * hourMs)
    expect(off.energy).toBeCloseTo(before.energy, 2)
    expect(off.lampHours).toBeCloseTo(before.lampHours, 0)
    lamp.obey(order({ action: 'on' }), evening + 2 * hourMs)
    const on = counters(lamp, evening + 2 * hourMs + dayMs)
    expect(on.energy - off.energy).toBeCloseTo((24 * (sensor.meta.nominalPower ?? 0)) / 1_000, 2)
    expect(on.lampHours - off.lampHours).toBeCloseTo(24, 0)
  })

  it('refuses when its driver is broken, and answers nothing that is no command', () => {
    const broken = new Lamp({ ...sensor, fault: 'driver' }, seed)
    expect(broken.obey(order({ action: 'on' }), evening)).toMatchObject({ id: 'c-1', ok: false })
    for (const payload of ['', 'on', '{}', order({ action: 'dim' }), order({ action: 'dim', level: 2 }), '[1]'])
      expect(broken.obey(payload, evening), payload).toBeUndefined()
  })

  it('is acknowledged without effect when only the light source is broken', () => {
    const dark = new Lamp({ ...sensor, fault: 'lamp' }, seed)
    expect(dark.obey(order({ action: 'on' }), evening)).toMatchObject({ ok: true })
    expect(dark.valuesAt(evening)).toMatchObject({ illuminanceLevel: 1, activePower: 1.5, fault: 'lamp' })
  })
})

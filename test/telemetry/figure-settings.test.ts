import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseConfig } from '#telemetry/config.ts'
import { defaultFigureSettings, figureSettingsOf, figureSettingsShape } from '#telemetry/figures/figure-settings.ts'

const schema = z.object(figureSettingsShape)
const read = (env: Record<string, string>) => figureSettingsOf(parseConfig(schema, env))

describe('settings of official figures', () => {
  it('are those of the standards unless set otherwise', () => {
    expect(defaultFigureSettings).toEqual({
      passengerCarUnits: { motorbikes: 0.3, cars: 1, buses: 2.5, trucks: 2.5 },
      dimmings: [{ from: 1_380, to: 300, level: 0.5 }],
      ratedHours: 50_000,
    })
  })

  it('may be written in any order', () => {
    expect(read({ PASSENGER_CAR_UNITS: 'cars=1 trucks=3, buses=2 motorbikes=0.25' }).passengerCarUnits).toEqual({
      ...{ motorbikes: 0.25, cars: 1, buses: 2, trucks: 3 },
    })
    expect(read({ LAMP_DIMMING: '00:30-4:00=30%,22:00-00:30=70%' }).dimmings).toEqual([
      { from: 1_320, to: 30, level: 0.7 },
      { from: 30, to: 240, level: 0.3 },
    ])
    expect(read({ LAMP_DIMMING: 'none' }).dimmings).toEqual([])
  })

  it('that nobody can follow are refused with how to write them', () => {
    const wrong = [
      { PASSENGER_CAR_UNITS: 'cars=1' },
      { PASSENGER_CAR_UNITS: 'motorbikes=0.3,cars=1,buses=2.5,trucks=' },
      { PASSENGER_CAR_UNITS: 'motorbikes=0.3,cars=1,buses=2.5,trucks=2.5,bicycles=0.2' },
      { LAMP_DIMMING: '23:00-05:00' },
      { LAMP_DIMMING: '23:00-24:30=50%' },
      { LAMP_DIMMING: '05:00-23:00=50%' },
      { LAMP_DIMMING: '22:00-02:00=50%,01:00-03:00=30%' },
      { LAMP_RATED_HOURS: '0' },
    ]
    for (const env of wrong) {
      const [name = ''] = Object.keys(env)
      expect(() => read(env), JSON.stringify(env)).toThrow(new RegExp(`^${name} is .*: must be`))
    }
  })
})

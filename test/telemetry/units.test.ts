import { describe, expect, it } from 'vitest'
import { kinds } from '#telemetry/kinds.ts'
import { unitCodes, unitText } from '#telemetry/units.ts'
import { givenUnit, valuesOfKind } from '#telemetry/values.ts'

/** what a program gets: unit as shown, and UCUM */
const table: Readonly<Record<string, readonly [string, string?]>> = {
  averageVehicleSpeed: ['km/h', 'km/h'],
  intensity: ['vehicles', '{vehicle}'],
  occupancy: ['', '1'],
  motorbikes: ['vehicles', '{vehicle}'],
  cars: ['vehicles', '{vehicle}'],
  buses: ['vehicles', '{vehicle}'],
  trucks: ['vehicles', '{vehicle}'],
  averageHeadwayTime: ['s', 's'],
  batteryLevel: ['', '1'],
  activePower: ['W', 'W'],
  powerState: [''],
  illuminanceLevel: ['', '1'],
  voltage: ['V', 'V'],
  energy: ['kWh', 'kW.h'],
  lampHours: ['h', 'h'],
  fault: [''],
  pm25: ['µg/m³', 'ug/m3'],
  pm10: ['µg/m³', 'ug/m3'],
  no2: ['µg/m³', 'ug/m3'],
  so2: ['µg/m³', 'ug/m3'],
  o3: ['µg/m³', 'ug/m3'],
  co: ['µg/m³', 'ug/m3'],
  temperature: ['°C', 'Cel'],
  relativeHumidity: ['', '1'],
  noiseLAeq: ['dB(A)', 'dB[SPL]{A}'],
  level: ['m', 'm'],
  flow: ['m³/s', 'm3/s'],
  rainfall: ['mm', 'mm'],
}
const infos = kinds.flatMap((kind) => valuesOfKind[kind])

describe('the unit of a value', () => {
  it.each(infos.map((info) => [info.name, info] as const))('%s is given as shown and in UCUM', (name, info) => {
    const [unit, unitCode] = table[name] ?? []
    expect(givenUnit(info)).toEqual({ unit, ...(unitCode === undefined ? {} : { unitCode }) })
  })

  it('is the same in every language; words of a language are for people alone', () => {
    for (const unit of Object.keys(unitCodes)) expect(unit).not.toMatch(/xe|giờ|veh\./)
    expect([unitText('vehicles', 'vi'), unitText('vehicles', 'en')]).toEqual(['xe', 'veh.'])
    expect([unitText('vehicles/h', 'vi'), unitText('vehicles/h', 'en')]).toEqual(['xe/giờ', 'veh./h'])
    expect(unitText('µg/m³', 'vi')).toBe('µg/m³')
  })
})

describe('a UCUM code', () => {
  // section 2 of the specification: terms of [prefix] atom [exponent] [annotation], joined by . and /
  const prefix = /^(k|d|u|m|c)?/
  const atoms = ['1', '%', 's', 'h', 'W', 'V', 'g', 'm', 'Cel', 'B[SPL]']
  const isTerm = (term: string) => {
    const [, body = '', annotation] = /^([^{}]*)(\{[\x21-\x7a|~]+\})?$/.exec(term) ?? []
    if (body === '') return annotation !== undefined
    const bare = body.replace(/(?<=[a-zA-Z\]])[0-9]+$/, '')
    return atoms.includes(bare) || atoms.includes(bare.replace(prefix, ''))
  }

  it.each(Object.values(unitCodes))('%s is made of terms of its grammar, in ASCII', (code) => {
    expect(code).toMatch(/^[\x21-\x7e]+$/)
    for (const term of code.split(/[./]/)) expect(isTerm(term), term).toBe(true)
  })
})

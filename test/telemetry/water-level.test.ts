import { describe, expect, it } from 'vitest'
import { waterLevel } from '#telemetry/kinds/water-level/kind.ts'
import { kindOf } from '#telemetry/kinds.ts'
import { readingSchema } from '#telemetry/reading.ts'
import { type SensorMeta, sensorMetaSchema } from '#telemetry/sensor.ts'

const at = Date.UTC(2026, 10, 25)
const bare: SensorMeta = { name: { vi: 'Trạm mẫu', en: 'Sample' }, position: [106.1, 11.31], period: 60 }
const meta: SensorMeta = { ...bare, warningLevel1: 2, warningLevel2: 2.5, warningLevel3: 3 }
const found = (level: number, of: SensorMeta | undefined = meta, risen?: number) =>
  kindOf('water-level').finding({ level }, of, at, risen)

describe('a water-level gauge', () => {
  it.each([
    [1.99, undefined],
    [2, { cause: 'warningLevel1' }],
    [2.5, { cause: 'warningLevel2' }],
    [3.4, { cause: 'warningLevel3' }],
  ])('is at %s m what its own warning levels say', (level, finding) => {
    expect(found(level)).toEqual(finding)
  })

  it('finds nothing where it has not told its levels, and by those that it has told', () => {
    expect(found(9, bare)).toBeUndefined()
    expect(waterLevel.finding({ level: 9 }, undefined, at)).toBeUndefined()
    expect(found(9, { ...bare, warningLevel1: 2 })).toEqual({ cause: 'warningLevel1' })
  })

  it('warns of water that rises fast, and of a level reached before that', () => {
    expect(found(1.5, bare, 0.5)).toEqual({ cause: 'rising' })
    expect(found(1.5, bare, 0.49)).toBeUndefined()
    expect(found(2.1, meta, 0.9)).toEqual({ cause: 'warningLevel1' })
  })

  it('draws the levels that it has told in the chart of its level alone', () => {
    const lines = waterLevel.limits('level', meta, at)
    expect(lines.map(({ value, vi }) => [value, vi])).toEqual([
      [2, 'báo động I'],
      [2.5, 'báo động II'],
      [3, 'báo động III'],
    ])
    expect(waterLevel.limits('flow', meta, at)).toEqual([])
    expect(waterLevel.limits('level', bare, at)).toEqual([])
  })

  it('may stand below its zero and flow back, and is not believed far above the highest warning', () => {
    const reading = { kind: 'water-level', district: 'tay-ninh', sensor: 'gauge-1', ts: at }
    expect(readingSchema.safeParse({ ...reading, values: { level: -0.3, flow: -4 } }).success).toBe(true)
    expect(readingSchema.safeParse({ ...reading, values: { level: 101 } }).success).toBe(false)
    expect(waterLevel.isPlausible({ level: 3.5, rainfall: 60 }, meta)).toBe(true)
    expect(waterLevel.isPlausible({ level: 8.1 }, meta)).toBe(false)
    expect(waterLevel.isPlausible({ level: 1, rainfall: 300 }, meta)).toBe(false)
  })

  it('keeps its levels in what it says of itself', () => {
    expect(sensorMetaSchema.parse(meta)).toEqual(meta)
    expect(sensorMetaSchema.safeParse({ ...meta, warningLevel2: 'high' }).success).toBe(false)
  })
})

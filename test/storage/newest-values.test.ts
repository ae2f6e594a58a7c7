import { expect, it } from 'vitest'
import { type ValuesQuery, withOlderValues } from '#storage/newest-values.ts'
import { maxLookbacks } from '#storage/store.ts'
import type { Reading } from '#telemetry/reading.ts'

const day = 86_400_000
const start = Date.UTC(2026, 10, 20)

it('sensors that fell silent at too many different times are told, and those of the newest times have their older values', async () => {
  const readings = Array.from({ length: maxLookbacks + 7 }, (_, n): Reading => {
    const place = { district: 'tay-ninh', sensor: `aq-${n}`, ts: start - n * 2 * day }
    return { ...place, kind: 'air-quality', values: { temperature: 30 } }
  })
  const asked: ValuesQuery[] = []
  const skipped: number[] = []
  const find = async (query: ValuesQuery) => {
    asked.push(query)
    return readings
      .filter(({ ts }) => ts - 1 >= query.from && ts - 1 < query.to)
      .map(({ sensor, ts }) => ({ sensor, name: 'pm25', ts: ts - 1, value: 7 }))
  }
  const found = await withOlderValues('air-quality', readings, find, (sensors) => skipped.push(sensors))
  expect(asked).toHaveLength(maxLookbacks)
  expect(skipped).toEqual([7])
  expect(found.filter(({ values }) => 'pm25' in values)).toHaveLength(maxLookbacks)
})

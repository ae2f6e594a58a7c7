import { expect, it } from 'vitest'
import { kindOf, kinds } from '#telemetry/kinds.ts'
import { foldedWords, matches } from '../../dashboard/src/sensor/search.ts'

const meta = {
  ...{ name: { vi: 'Cầu Quan', en: 'Quan bridge' }, position: [106.1, 11.3], period: 60 },
} satisfies Parameters<typeof foldedWords>[0]['meta']

it.each(kinds)('a sensor is found by its id, its name and the name of its kind, in both languages: %s', (kind) => {
  const { names } = kindOf(kind)
  const words = foldedWords({ id: 'tay-ninh-7', kind, meta })
  for (const query of ['ninh-7', 'cau quan', 'BRIDGE', names.vi, names.en, `${names.vi} quan`])
    expect(matches(words, query), query).toBe(true)
  expect(matches(words, 'nothing')).toBe(false)
  expect(matches(foldedWords({ id: 'tay-ninh-7', kind, meta: undefined }), names.vi)).toBe(true)
})

it('a gauge is found by the name of its kind, also without diacritics', () => {
  for (const query of ['mực nước', 'muc nuoc', 'water level'])
    expect(matches(foldedWords({ id: 'g-1', kind: 'water-level', meta }), query)).toBe(true)
})

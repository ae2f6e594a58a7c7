import { expect, it } from 'vitest'
import { createFormat } from '../../dashboard/src/format.ts'
import { en } from '../../dashboard/src/i18n/en.ts'
import { detailWords } from '../../dashboard/src/trail-words.ts'

const words = (detail: object) => detailWords(detail, createFormat('en', en))

it('what the trail keeps is told in one line, with times one can read', () => {
  expect(words({ rights: ['see', 'lamps:command'], until: Date.UTC(2027, 1, 24, 4, 15, 8) })).toBe(
    'rights: see, lamps:command; until: 24/02/2027, 11:15:08',
  )
  expect(words({ order: { action: 'dim', level: 0.4 }, comment: 'road works' })).toBe(
    'order: (action: dim; level: 0.4); comment: road works',
  )
})

it('what is empty is left out of it', () => {
  expect(words({ acknowledged: 0, timedOut: [], refused: {}, comment: '', disabled: false })).toBe(
    'acknowledged: 0; disabled: false',
  )
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { perHour, stretchesOf } from '#history/flow.ts'

it('a span falls into stretches of one period each, with none left out', () => {
  const notes = fc.array(fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.constantFrom(5, 30, 60)), { maxLength: 8 })
  fc.assert(
    fc.property(notes, fc.constantFrom(5, 60), (changes, first) => {
      const span = { from: 0, to: 2_000 }
      const later = changes.toSorted(([a], [b]) => a - b).map(([from, seconds]) => ({ from, seconds }))
      const periods = [{ from: 0, seconds: first }, ...later]
      const stretches = stretchesOf(periods, span)
      expect(stretches[0]?.from).toBe(0)
      expect(stretches.at(-1)?.to).toBe(2_000)
      for (const [at, stretch] of stretches.entries()) {
        const next = stretches[at + 1]
        if (!next) continue
        expect(stretch.to).toBe(next.from)
        expect(stretch.seconds).not.toBe(next.seconds)
      }
      for (let moment = 0; moment < span.to; moment += 37) {
        const period = periods.findLast(({ from }) => from <= moment)?.seconds
        expect(stretches.find(({ from, to }) => from <= moment && moment < to)?.seconds).toBe(period)
      }
    }),
  )
})

it('where no period is known the span is whole', () => {
  expect(stretchesOf([], { from: 1, to: 2 })).toEqual([{ from: 1, to: 2, seconds: undefined }])
})

it('a count of a period is so many an hour', () => {
  expect([perHour(10, 60), perHour(5, 30), perHour(1, 3_600), perHour(0, 5)]).toEqual([600, 600, 1, 0])
})

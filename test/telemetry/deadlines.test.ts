import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Deadlines } from '#telemetry/deadlines.ts'

it('deadlines come out in order of time, those alone that have passed, whatever order they were put in', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000)), fc.nat(1_000), (times, now) => {
      const deadlines = new Deadlines<{ at: number }>()
      const items = times.map((at) => ({ at }))
      for (const item of items) deadlines.set(item, 500)
      // each is moved, to before or behind where it was
      for (const item of items) deadlines.set(item, item.at)
      const passed: number[] = []
      for (let item = deadlines.removePassed(now); item; item = deadlines.removePassed(now)) passed.push(item.at)
      expect(passed).toEqual(times.filter((at) => at < now).sort((a, b) => a - b))
      expect(deadlines.size).toBe(times.length - passed.length)
      deadlines.clear()
      expect([deadlines.size, deadlines.removePassed(Number.POSITIVE_INFINITY)]).toEqual([0, undefined])
    }),
  )
})

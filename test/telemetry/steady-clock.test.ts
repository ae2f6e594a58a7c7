import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SteadyClock } from '#telemetry/steady-clock.ts'

const day = 86_400_000
const start = 1_763_900_000_000

/** A machine whose clock can be set. */
function machine(offMs = 0) {
  const state = { passed: 0, offMs }
  const options = { wall: () => start + state.passed + state.offMs, elapsed: () => state.passed }
  return { state, options }
}

describe('a clock that does not jump', () => {
  it('says the time that has passed, however often the clock of the machine is set', () => {
    const step = fc.record({ pass: fc.nat(600_000), set: fc.option(fc.integer({ min: -400 * day, max: 400 * day })) })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { state, options } = machine()
        const clock = new SteadyClock(options)
        for (const { pass, set } of steps) {
          state.passed += pass
          // a small difference is no jump: it is followed
          if (set !== null && Math.abs(set) > 10_000 && Math.abs(set - state.offMs) > 10_000) state.offMs = set
          expect(Math.abs(clock.now() - (start + state.passed))).toBeLessThanOrEqual(1)
          expect(clock.offMs).toBeCloseTo(state.offMs, 0)
        }
      }),
    )
  })

  it('follows a clock of the machine that is corrected little by little', () => {
    const { state, options } = machine()
    const clock = new SteadyClock(options)
    for (let minute = 0; minute < 60; minute++) {
      state.passed += 60_000
      state.offMs += 1_000
      expect(clock.now()).toBe(options.wall())
    }
  })

  it('does not begin before a time that is known to have been', () => {
    const { state, options } = machine(-day)
    const clock = new SteadyClock({ ...options, notBefore: start - 60_000 })
    expect(clock.now()).toBe(start - 60_000)
    clock.notBefore(start)
    clock.notBefore(start - day)
    state.passed += 1_000
    expect(clock.now()).toBe(start + 1_000)
    expect(clock.offMs).toBe(-day)
  })

  it.each([
    ['the clock of the machine was set right', { began: -day, next: 0, heard: 0, is: 0 }],
    ['it began ahead, and the clock of the machine was set right', { began: day, next: 0, heard: 0, is: 0 }],
    ['the clock of the machine was set wrong', { began: 0, next: -day, heard: 0, is: 0 }],
    ['both are behind', { began: -day, next: -day, heard: 0, is: 0 }],
    ['what is heard is late', { began: 0, next: 0, heard: -7_200_000, is: 0 }],
    [
      'what is heard is late, and the clock of the machine was set wrong',
      { began: 0, next: day, heard: -7_200_000, is: 0 },
    ],
  ])('is right after others are heard: %s', (_what, { began, next, heard, is }) => {
    const { state, options } = machine(began)
    const clock = new SteadyClock(options)
    state.offMs = next
    const before = clock.now()
    const moved = clock.heard(start + heard)
    expect(clock.now()).toBe(start + is)
    expect(moved).toBe(Math.abs(clock.now() - before) > 1)
  })
})

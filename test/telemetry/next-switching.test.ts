import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxOrderMs } from '#telemetry/command.ts'
import { sunAltitude } from '#telemetry/kinds/lighting/lamp.ts'
import { nextSwitching } from '#telemetry/next-switching.ts'
import type { Position } from '#telemetry/position.ts'

const minuteMs = 60_000
const tayNinh: Position = [106.13, 11.3]
const at = (local: string) => Date.parse(`2026-11-25T${local}+07:00`)
const local = (ms: number | undefined, zone: string) =>
  ms === undefined
    ? undefined
    : new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(ms)
/** a time in 2026 */
const times = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) })
/** places where the sun rises and sets every day of the year */
const places: fc.Arbitrary<Position> = fc.tuple(
  fc.double({ min: -180, max: 180, noNaN: true }),
  fc.double({ min: -60, max: 60, noNaN: true }),
)

describe('the next switching of a lamp', () => {
  it('is sunset by day and sunrise by night, at a full minute', () => {
    expect(local(nextSwitching([tayNinh], at('12:00')), 'Asia/Ho_Chi_Minh')).toBe('2026-11-25 17:29')
    expect(local(nextSwitching([tayNinh], at('20:00')), 'Asia/Ho_Chi_Minh')).toMatch(/^2026-11-26 05:5\d$/)
    expect(local(nextSwitching([tayNinh], at('02:00')), 'Asia/Ho_Chi_Minh')).toMatch(/^2026-11-25 05:5\d$/)
  })

  it.each([
    // Berlin puts its clocks back on 25 October, New York on 1 November, at 2 or 3 in the night
    ['Europe/Berlin', [13.4, 52.5], '2026-10-24T20:00:00Z', '2026-10-25 06:50'],
    ['Europe/Berlin', [13.4, 52.5], '2026-10-25T06:30:00Z', '2026-10-25 16:51'],
    ['America/New_York', [-74, 40.7], '2026-11-01T03:00:00Z', /^2026-11-01 06:2\d$/],
    ['Pacific/Auckland', [174.8, -36.8], '2026-09-26T10:00:00Z', /^2026-09-27 07:0\d$/],
  ] as const)('is right over a change of the clocks: %s', (zone, [lon, lat], from, expected) => {
    expect(local(nextSwitching([[lon, lat]], Date.parse(from)), zone)).toMatch(expected)
  })

  it('comes within a day at any place between the polar circles, when the sun is at the horizon', () => {
    fc.assert(
      fc.property(places, times, (place, ts) => {
        const next = nextSwitching([place], ts) ?? expect.fail('none')
        expect(next).toBeGreaterThan(ts)
        expect(next - ts).toBeLessThan(24.1 * 3_600_000)
        expect(next % minuteMs).toBe(0)
        expect(Math.abs(sunAltitude(place, next))).toBeLessThan(1.5)
      }),
    )
  })

  it('of a group is that of the last of them, of what the first of them does next', () => {
    fc.assert(
      fc.property(
        places,
        times,
        fc.array(
          fc.tuple(fc.double({ min: -0.5, max: 0.5, noNaN: true }), fc.double({ min: -0.5, max: 0.5, noNaN: true })),
          { minLength: 1, maxLength: 8 },
        ),
        ([lon, lat], ts, offsets) => {
          const group = offsets.map(([x, y]): Position => [Math.max(-179, Math.min(179, lon)) + x, lat + y])
          const next = nextSwitching(group, ts) ?? expect.fail('none')
          expect(next).toBeGreaterThan(ts)
          // one that has just switched, while others have not, does not make it the switching after: all do the same within minutes
          const own = group.map((place) => nextSwitching([place], ts) ?? expect.fail('none'))
          expect(next).toBeGreaterThanOrEqual(Math.min(...own))
          expect(next - Math.min(...own)).toBeLessThan(20 * minuteMs)
          const altitudes = group.map((place) => sunAltitude(place, next))
          expect(Math.max(...altitudes.map(Math.abs))).toBeLessThan(4)
        },
      ),
    )
  })

  it('ends for all of a group together while some of them have switched already', () => {
    // a second degree of longitude: four minutes
    const [west, east]: [Position, Position] = [tayNinh, [tayNinh[0] + 1, tayNinh[1]]]
    const [first = 0, last = 0] = [east, west].map((place) => nextSwitching([place], at('12:00')))
    expect(last - first).toBe(4 * minuteMs)
    expect(nextSwitching([west, east], at('12:00'))).toBe(last)
    expect(nextSwitching([west, east], first + minuteMs)).toBe(last)
    expect(local(nextSwitching([west, east], last), 'Asia/Ho_Chi_Minh')).toMatch(/^2026-11-26 05:/)
  })

  it('is not known without a place, nor where the sun stays up for longer than an order lasts', () => {
    expect(nextSwitching([], at('12:00'))).toBeUndefined()
    const june = Date.UTC(2026, 5, 1)
    expect(nextSwitching([[15, 80]], june)).toBeUndefined()
    // the polar day of Tromsø ends in July
    const july = Date.UTC(2026, 6, 10)
    expect(nextSwitching([[18.9, 69.6]], july)).toBeLessThan(july + maxOrderMs)
  })
})

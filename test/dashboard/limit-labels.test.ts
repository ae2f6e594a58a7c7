import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeLabels } from '../../dashboard/src/sensor/chart/limit-labels.ts'

const room = { left: 50, top: 10, height: 12, gap: 2 }

describe('the names of limits on a chart', () => {
  it('stand above their lines, and below where there is no room', () => {
    expect(
      placeLabels(
        [
          { y: 100, width: 60 },
          { y: 12, width: 60 },
        ],
        room,
      ),
    ).toEqual([
      { x: 50, top: 86 },
      { x: 50, top: 14 },
    ])
  })

  it('never lie over one another, however near their lines are', () => {
    const line = fc.record({ y: fc.integer({ min: 10, max: 200 }), width: fc.integer({ min: 10, max: 120 }) })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        const placed = placeLabels(lines, room)
        for (const [at, one] of placed.entries())
          for (const [other, two] of placed.entries()) {
            if (other <= at) continue
            const apart = Math.abs(one.top - two.top) >= room.height
            const beside = two.x >= one.x + (lines[at]?.width ?? 0) || one.x >= two.x + (lines[other]?.width ?? 0)
            expect(apart || beside).toBe(true)
          }
      }),
    )
  })
})

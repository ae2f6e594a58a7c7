import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reading } from '#telemetry/reading.ts'
import { maxReplaySpanMs } from '#telemetry/replay.ts'
import { ReplayBuffer } from '../../dashboard/src/replay/buffer.ts'
import { alertMarks, holesOf } from '../../dashboard/src/replay/holes.ts'
import { firstSpan, leastMs, nextSpan, shownAt, speeds, stepFor } from '../../dashboard/src/replay/plan.ts'

const start = Date.UTC(2026, 10, 20)
const hour = 3_600_000

describe('the plan of a replay', () => {
  it('thins nothing at 1× and 10×, and the faster and the more sensors, the more', () => {
    expect([stepFor(1, 20_000), stepFor(10, 20_000)]).toEqual([0, 0])
    expect([stepFor(60, 200), stepFor(60, 5_000)]).toEqual([5_000, 30_000])
    expect([stepFor(600, 200), stepFor(600, 5_000)]).toEqual([30_000, 300_000])
    expect(stepFor(600, 1_000_000)).toBe(300_000)
  })

  it('asks for spans without a gap, at whole steps, of a length the server gives, up to the end', () => {
    const offset = fc.integer({ min: 0, max: 600 }).map((s) => s * 1_000)
    fc.assert(
      fc.property(offset, fc.constantFrom(...speeds), fc.constantFrom(1, 200, 5_000), (given, speed, sensors) => {
        const step = stepFor(speed, sensors)
        const end = start + 2 * hour
        let at = start + given
        for (let span = nextSpan(at, end, speed, step); span; span = nextSpan(at, end, speed, step)) {
          expect(span.from).toBe(at)
          expect(span.to).toBeGreaterThan(at)
          expect(span.to - span.from).toBeLessThanOrEqual(maxReplaySpanMs)
          if (span.step) expect([span.from % span.step, span.to % span.step]).toEqual([0, 0])
          at = span.to
        }
        expect(at).toBeLessThanOrEqual(end)
        expect(end - at).toBeLessThan(Math.max(step, leastMs))
      }),
    )
  })

  it('begins with a short span where nothing is played', () => {
    expect(firstSpan(start, start + hour, undefined, 5_000)).toEqual({ from: start, to: start + leastMs })
    expect(firstSpan(start, start + hour, 60, 5_000)).toEqual({ from: start, to: start + 600_000, step: 5_000 })
    // too near to the end for a whole step
    expect(firstSpan(start, start + leastMs, 600, 300_000)).toEqual({ from: start, to: start + leastMs })
  })

  it('shows whole steps and whole seconds, but nothing before the moment it began at', () => {
    expect(shownAt(start + 1_999, start, 0)).toBe(start + 1_000)
    expect(shownAt(start + 299_999, start + 1_000, 300_000)).toBe(start + 1_000)
    expect(shownAt(start + 300_001, start + 1_000, 300_000)).toBe(start + 300_000)
  })
})

describe('the buffer of a replay', () => {
  const lamp = (ts: number): Reading => ({
    ...{ district: 'hoa-thanh', sensor: 'lamp', ts, kind: 'lighting', values: { powerState: 'on' } },
  })

  it('gives each reading out once, in order, when its time has come', () => {
    const buffer = new ReplayBuffer(start)
    buffer.append(
      [0, 1, 1, 5].map((offset) => lamp(start + offset)),
      start + 6,
    )
    const times = (before: number) => [...buffer.readUntil(start + before)].map(({ ts }) => ts - start)
    expect([times(1), times(1), times(2)]).toEqual([[0], [], [1, 1]])
    buffer.append([lamp(start + 7)], start + 10)
    expect(buffer.end).toBe(start + 10)
    expect([times(99), times(99)]).toEqual([[5, 7], []])
  })
})

describe('the alerts on the scrubber', () => {
  it('are one mark a stretch, with their number and the highest priority', () => {
    const alert = (raisedAt: number, priority: number) => ({ raisedAt, priority })
    const given = [alert(start + hour + 2, 3), alert(start + 5, 2), alert(start + hour + 1, 1)]
    expect(alertMarks(given, hour)).toEqual([
      { at: start, count: 1, priority: 2 },
      { at: start + hour, count: 2, priority: 1 },
    ])
  })
})

describe('the marks on the scrubber', () => {
  const window = 300_000
  const at = (bucket: number) => start + bucket * window

  it('join neighbours alike, tell nothing from little, and leave the newest bucket alone', () => {
    const shares = [1, 0, 0, 0.3, 0.9, 0, 0.1]
    const coverage = { from: start, to: at(7), window, shares, backfills: [] }
    expect(holesOf(coverage)).toEqual([
      { kind: 'missing', from: at(1), to: at(3) },
      { kind: 'partial', from: at(3), to: at(4) },
      { kind: 'missing', from: at(5), to: at(6) },
    ])
  })

  it('show a backfill as far as it reaches into the day', () => {
    const backfills = [
      { from: start - hour, to: at(1), step: 300_000 },
      { from: start - hour, to: start, step: 300_000 },
    ]
    const coverage = { from: start, to: at(3), window, shares: [1, 1, 1], backfills }
    expect(holesOf(coverage)).toEqual([{ kind: 'sparse', from: start, to: at(1) }])
  })
})

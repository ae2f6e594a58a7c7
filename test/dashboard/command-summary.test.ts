import { describe, expect, it } from 'vitest'
import type { CommandRecord, Delivery } from '#telemetry/command.ts'
import { summarize } from '../../dashboard/src/lamps/command-summary.ts'

const record = (lamps: Record<string, Delivery>): CommandRecord => ({
  ...{ id: 'c', at: Date.UTC(2026, 10, 25), by: 'Lan', order: { action: 'off' }, lamps },
})

describe('the summary of an order', () => {
  it('adds up all commands that it took and names the lamps that failed', () => {
    const summary = summarize([
      record({ a: { state: 'acknowledged', afterMs: 80 }, b: { state: 'timed-out' } }),
      record({
        c: { state: 'acknowledged', afterMs: 120 },
        d: { state: 'sent' },
        e: { state: 'refused', reason: 'x' },
      }),
    ])
    expect(summary).toMatchObject({ total: 5, acknowledged: 2, awaited: 1, slowestMs: 120 })
    expect(summary.failed.map(({ lamp }) => lamp)).toEqual(['b', 'e'])
  })

  it('of nothing is nothing', () => {
    expect(summarize([])).toEqual({ total: 0, acknowledged: 0, awaited: 0, failed: [], slowestMs: 0 })
  })
})

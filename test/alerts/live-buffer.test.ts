import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { alertsMetrics } from '#alerts/metrics.ts'
import { LiveGate } from '#alerts/mqtt/live-buffer.ts'
import type { LiveReading } from '#telemetry/live.ts'

const live = (ts: number): LiveReading => ({
  reading: { kind: 'air-quality', district: 'tay-ninh', sensor: 'station-1', ts, values: { pm25: 20 } },
  arrivedAt: ts,
})

describe('the gate before the engine', () => {
  const open = () => {
    const seen: number[] = []
    const registry = new Registry()
    const engine = {
      take: (batch: readonly LiveReading[]) => {
        for (const { reading } of batch) seen.push(reading.ts)
      },
    }
    return { seen, registry, gate: new LiveGate(engine, alertsMetrics(registry)) }
  }

  it('holds what comes while it is shut, and lets it through in order once it was opened as often', () => {
    const { seen, gate } = open()
    gate.take([live(1)])
    gate.shut()
    gate.shut()
    gate.take([live(2), live(3)])
    gate.open()
    gate.take([live(4)])
    expect(seen).toEqual([1])
    gate.open()
    gate.take([live(5)])
    expect(seen).toEqual([1, 2, 3, 4, 5])
  })

  it('holds a bounded number: the oldest are not judged, and counted', async () => {
    const { seen, registry, gate } = open()
    gate.shut()
    const batch = Array.from({ length: 50_000 }, (_, ts) => live(ts))
    for (let count = 0; count < 4; count++) gate.take(batch)
    gate.take([live(-1), live(-2)])
    gate.open()
    expect(seen).toHaveLength(200_000)
    expect(seen.slice(0, 1)).toEqual([2])
    expect(seen.slice(-2)).toEqual([-1, -2])
    expect(await registry.metrics()).toContain('nhip_alerts_readings_unjudged_total{why="held"} 2')
  })
})

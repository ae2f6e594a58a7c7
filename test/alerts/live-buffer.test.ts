import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { alertsMetrics } from '#alerts/metrics.ts'
import { LiveBuffer } from '#alerts/mqtt/live-buffer.ts'
import type { LiveReading } from '#telemetry/live.ts'

const live = (ts: number): LiveReading => ({
  reading: { kind: 'air-quality', district: 'tay-ninh', sensor: 'station-1', ts, values: { pm25: 20 } },
  arrivedAt: ts,
})

describe('the buffer before the engine', () => {
  const open = () => {
    const evaluated: number[] = []
    const registry = new Registry()
    const engine = {
      evaluate: (batch: readonly LiveReading[]) => {
        for (const { reading } of batch) evaluated.push(reading.ts)
      },
    }
    return { evaluated, registry, buffer: new LiveBuffer(engine, alertsMetrics(registry)) }
  }

  it('holds what comes, and passes it on in order once it was released as often as it was held', () => {
    const { evaluated, buffer } = open()
    buffer.add([live(1)])
    buffer.startBuffering()
    buffer.startBuffering()
    buffer.add([live(2), live(3)])
    buffer.stopBuffering()
    buffer.add([live(4)])
    expect(evaluated).toEqual([1])
    buffer.stopBuffering()
    buffer.add([live(5)])
    expect(evaluated).toEqual([1, 2, 3, 4, 5])
  })

  it('holds a bounded number: the oldest are not evaluated, and counted', async () => {
    const { evaluated, registry, buffer } = open()
    buffer.startBuffering()
    const batch = Array.from({ length: 50_000 }, (_, ts) => live(ts))
    for (let count = 0; count < 4; count++) buffer.add(batch)
    buffer.add([live(-1), live(-2)])
    buffer.stopBuffering()
    expect(evaluated).toHaveLength(200_000)
    expect(evaluated.slice(0, 1)).toEqual([2])
    expect(evaluated.slice(-2)).toEqual([-1, -2])
    expect(await registry.metrics()).toContain('nhip_alerts_readings_unjudged_total{why="held"} 2')
  })
})

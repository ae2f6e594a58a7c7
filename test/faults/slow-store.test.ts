import { expect, it } from 'vitest'
import { expectNothingLost, startBurst } from './burst.ts'
import { describeLosses } from './faulty-services.ts'
import { expectFlatMemory, memoryOf } from './memory.ts'

/** InfluxDB is much slower than what arrives, for long. */
describeLosses((parts) => {
  it('the store takes a tenth of what arrives: memory stays flat, and it catches up', async () => {
    parts.influx.fault = { kind: 'slow', linesPerSecond: 500 }
    const { mqttPort: port, adminToken: password } = parts.services
    const flood = await startBurst({ port, password, sensors: 20, perSecond: 10, perMessage: 200 })
    const [broker, ingest] = [
      parts.services.process('broker').process.pid,
      parts.services.process('ingest').process.pid,
    ]
    await expectFlatMemory(flood, { broker, ingest })
    expect((await memoryOf(ingest)).peak).toBeLessThan(300)
    parts.influx.fault = { kind: 'none' }
    await flood.stop()
    await expectNothingLost(parts.store, flood)
    await parts.prove()
  }, 300_000)
})

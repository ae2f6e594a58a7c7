import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TelemetryStore } from '#storage/store.ts'
import type { Reading } from '#telemetry/reading.ts'
import { type StoreServer, storeKinds } from './store-kinds.ts'

const start = Date.now() - 3_600_000
const gauge = (minute: number, values: Extract<Reading, { kind: 'water-level' }>['values']): Reading => ({
  ...{ kind: 'water-level', district: 'tay-ninh', sensor: 'gauge-1', ts: start + minute * 60_000, seq: minute },
  values,
})
const readings = [gauge(0, { level: 1.2, flow: -3.5, rainfall: 0 }), gauge(1, { level: 1.31, batteryLevel: 0.9 })]

for (const kind of storeKinds)
  describe.skipIf(!kind.isThere())(`readings of gauges in ${kind.name}`, () => {
    let folder: string
    let server: StoreServer
    let store: TelemetryStore
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'nhip-water-'))
      server = await kind.start()
      store = await server.open(folder, 'water')
      await store.write(readings)
    }, 60_000)
    afterAll(async () => {
      await store?.close()
      await server?.close()
      await rm(folder, { recursive: true })
    })

    it('are kept as they came', async () => {
      const found: Reading[] = []
      const span = { from: start, to: start + 3_600_000 }
      for await (const page of store.readings({ kind: 'water-level', ...span, limit: 10 })) found.push(...page)
      expect(found).toEqual(readings)
    })

    it('are the newest of their values', async () => {
      const [newest] = await store.latest()
      expect(newest?.values).toEqual({ level: 1.31, flow: -3.5, rainfall: 0, batteryLevel: 0.9 })
    })
  })

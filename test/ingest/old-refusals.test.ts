import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { startIngest } from '#ingest/ingest.ts'
import { decodeKey, encodeKey, keyEnd, keyFrom } from '#journal/local/block-key.ts'
import { openLocalJournal } from '#journal/local/local-journal.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { checkLedgers } from '#storage/ledger-check/ledger-check.ts'
import { HealthFaults } from '#telemetry/health-faults.ts'
import { ledgerLine } from '#telemetry/ledger.ts'
import { quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import { startTestBroker } from '../api/api-parts.ts'
import { silent, until } from '../journal/journal-parts.ts'
import { influxdInstalled, startInfluxd } from '../real/influxd.ts'

const hour = 3_600_000

/** Makes the blocks of a journal those of some hours ago: it was a release then that wrote no time of its own beside the broker's. */
async function forgetWhenWritten(path: string): Promise<void> {
  const level = new ClassicLevel<Uint8Array, Uint8Array>(path, { keyEncoding: 'view', valueEncoding: 'view' })
  for await (const [key, value] of level.iterator({ gte: keyFrom(0), lt: keyEnd })) {
    await level.del(key)
    await level.put(encodeKey({ ...decodeKey(key), checkedAt: undefined }), value)
  }
  await level.close()
}

describe.skipIf(!influxdInstalled() && !process.env.CI)('a database that keeps an hour', () => {
  it.each(['from the start', 'since then'])(
    'takes what was refused of messages that waited for longer, with the time of now: %s',
    async (since) => {
      const folder = await mkdtemp(join(tmpdir(), 'nhip-old-refusals-'))
      const influxd = await startInfluxd()
      const broker = await startTestBroker()
      const run = (q: string) => fetch(`${influxd.url}/query`, { method: 'POST', body: new URLSearchParams({ q }) })
      if (since === 'from the start') await run('CREATE DATABASE "nhip" WITH DURATION 1h')
      const store = await openInfluxdbStore({ url: influxd.url, bucket: 'nhip', log: silent })
      if (since === 'since then') await run('ALTER RETENTION POLICY "autogen" ON "nhip" DURATION 1h SHARD DURATION 1h')
      const path = join(folder, 'journal')
      const open = () => openLocalJournal({ path, consumers: ['store'], maxBytes: 1e9, log: silent })
      const before = await open()
      const arrivedAt = Date.now() - 5 * hour
      const record = (sensor: string, ts: number, pm25: number) => ({
        topic: `city/v1/tay-ninh/air-quality/${sensor}/reading`,
        payload: Buffer.from(JSON.stringify({ ts, pm25 })),
        arrivedAt,
      })
      const lines: string[] = []
      const sent = [
        ['invalid', arrivedAt, -1],
        ['invalid', arrivedAt + 1, -1],
        ['old', arrivedAt, 7],
        ['good', Date.now() - 60_000, 8],
      ] as const
      for (const [sensor, ts, pm25] of sent) {
        await before.append([record(sensor, ts, pm25)])
        lines.push(ledgerLine({ event: 'acked', kind: 'air-quality', sensor, ts, at: arrivedAt }))
      }
      await before.close()
      await forgetWhenWritten(path)
      const journal = await open()
      const faults = new HealthFaults()
      const ingest = await startIngest({
        ...{ journal, store, registry: new Registry(), faults, log: silent, districts: [], retentionDays: 0 },
        damagedDir: join(folder, 'damaged-blocks'),
        mqtt: { url: `mqtt://127.0.0.1:${broker.port}`, username: 'ingest', password: 'unused' },
      })
      await until('all to be handed on', async () => (await journal.committed('store')) === 4)
      const events = await store.readEvents({ stream: 'quarantine', limit: 100 })
      const entries = events.map(({ body }) => quarantinedSchema.parse(body))
      expect(entries.map(({ code }) => code).toSorted()).toEqual(['PAST', 'VALUE', 'VALUE'])
      for (const { ts, more = [] } of entries) {
        expect(Date.now() - ts).toBeLessThan(hour / 2)
        expect(more).toContain(`arrived ${new Date(arrivedAt).toISOString()}, longer ago than the store keeps`)
      }
      // the good one, which a clock that is ahead of its arrival measured, is not the newest, but stored
      expect(await store.count()).toBe(1)
      expect(faults.now).toEqual([])
      const ledger = join(folder, 'ledger.tsv')
      await writeFile(ledger, `${lines.join('\n')}\n`)
      expect((await checkLedgers({ ledgers: [ledger], store })).total).toMatchObject({
        stored: 1,
        refused: 3,
        missing: 0,
      })
      await ingest.close()
      await journal.close()
      await store.close()
      await broker.close()
      await influxd.close()
      await rm(folder, { recursive: true })
    },
    60_000,
  )
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { startIngest } from '#ingest/ingest.ts'
import { openLocalJournal } from '#journal/local/local-journal.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { checkLedgers } from '#storage/ledger-check/ledger-check.ts'
import { HealthFaults } from '#telemetry/health-faults.ts'
import { ledgerLine } from '#telemetry/ledger.ts'
import { quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import { startTestBroker } from '../api/api-parts.ts'
import { silent, until } from '../journal/journal-parts.ts'
import { influxdInstalled, startInfluxd } from '../real/influxd.ts'

describe.skipIf(!influxdInstalled() && !process.env.CI)('a server that takes 1 MB at once', () => {
  it('takes the times of a refused message that is larger with all that it holds; nobody waits for it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nhip-large-refusals-'))
    const influxd = await startInfluxd({ maxBodyBytes: 1_000_000 })
    const broker = await startTestBroker()
    const store = await openInfluxdbStore({ url: influxd.url, bucket: 'nhip', log: silent })
    const path = join(folder, 'journal')
    const journal = await openLocalJournal({ path, consumers: ['store'], maxBytes: 1e9, log: silent })
    const now = Date.now() - 60_000
    const record = (sensor: string, text: string) => ({
      topic: `city/v1/tay-ninh/air-quality/${sensor}/reading`,
      payload: Buffer.from(text),
      arrivedAt: Date.now(),
    })
    // seven times as long once it is written
    const controls = '\u0001'.repeat(250_000)
    await journal.append([
      record('good-1', `{"ts":${now},"pm25":1}`),
      record('large', `[{"ts":${now},"pm25":1},{"ts":${now + 1},"pm25":"${controls}"}]`),
      record('small', `{"ts":${now},"pm25":NaN}`),
      record('good-2', `{"ts":${now},"pm25":2}`),
    ])
    const faults = new HealthFaults()
    const ingest = await startIngest({
      ...{ journal, store, registry: new Registry(), faults, log: silent, districts: [], retentionDays: 0 },
      damagedDir: join(folder, 'damaged-blocks'),
      mqtt: { url: `mqtt://127.0.0.1:${broker.port}`, username: 'ingest', password: 'unused' },
    })
    await until('all to be handed on', async () => (await journal.committed('store')) === 1)
    expect((await store.latest()).map(({ sensor }) => sensor).toSorted()).toEqual(['good-1', 'good-2'])
    const events = await store.readEvents({ stream: 'quarantine', limit: 100 })
    const entries = events.map(({ body }) => quarantinedSchema.parse(body))
    expect(entries.map(({ payload }) => payload).toSorted()).toEqual([
      `[{"ts":${now}},{"ts":${now + 1}}]`,
      `{"ts":${now},"pm25":NaN}`,
    ])
    expect(faults.now).toEqual([])
    const ledger = join(folder, 'ledger.tsv')
    const acked = [
      ['good-1', 0],
      ['large', 0],
      ['large', 1],
      ['small', 0],
      ['good-2', 0],
    ] as const
    const lines = acked.map(([sensor, n]) =>
      ledgerLine({ event: 'acked', kind: 'air-quality', sensor, ts: now + n, at: now }),
    )
    await writeFile(ledger, `${lines.join('\n')}\n`)
    expect((await checkLedgers({ ledgers: [ledger], store })).total).toMatchObject({
      stored: 2,
      refused: 3,
      missing: 0,
    })
    await ingest.close()
    await journal.close()
    await store.close()
    await broker.close()
    await influxd.close()
    await rm(folder, { recursive: true })
  }, 60_000)
})

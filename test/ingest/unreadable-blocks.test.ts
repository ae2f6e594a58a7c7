import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { ClassicLevel } from 'classic-level'
import { Registry } from 'prom-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Ingest, startIngest } from '#ingest/ingest.ts'
import { encodeBlock, recordBytes } from '#journal/block-codec.ts'
import type { Journal, JournalRecord } from '#journal/journal.ts'
import { decodeKey } from '#journal/local/block-key.ts'
import { openLocalJournal } from '#journal/local/local-journal.ts'
import { openNatsJournal } from '#journal/nats/nats-journal.ts'
import { checkLedgers } from '#storage/ledger-check/ledger-check.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { HealthFaults } from '#telemetry/health-faults.ts'
import { ledgerLine } from '#telemetry/ledger.ts'
import type { Reading } from '#telemetry/reading.ts'
import { startTestBroker, type TestBroker } from '../api/api-parts.ts'
import { listeningLog, silent, until } from '../journal/journal-parts.ts'
import { type NatsServer, natsInstalled, startNatsServer } from '../real/nats-server.ts'
import { type StoreServer, storeKinds } from '../storage/store-kinds.ts'
import { start } from '../storage/store-samples.ts'

const record = (n: number): JournalRecord => ({
  topic: 'city/v1/tay-ninh/air-quality/aq-1/reading',
  payload: Buffer.from(JSON.stringify({ ts: start + n, pm25: n })),
  arrivedAt: start + n,
})
const blockOf = (n: number, version = 1) => {
  const block = encodeBlock([record(n)], recordBytes(record(n)))
  block.writeUInt8(version, 0)
  return block
}

/** A journal in which the third of five blocks is replaced. */
interface Place {
  /** Appends blocks 0 to 4, the third as these bytes. */
  fill(third: Buffer): Promise<void>
  /** Gives the third block as it should have been, where that can be done. */
  mend?(): Promise<void>
  open(log?: typeof silent): Promise<Journal>
  close(): Promise<void>
}

async function onDisk(folder: string): Promise<Place> {
  const path = join(folder, 'journal')
  const open = (log = silent) => openLocalJournal({ path, consumers: ['store'], maxBytes: 1e9, log })
  const put = async (bytes: Buffer) => {
    const level = new ClassicLevel<Uint8Array, Uint8Array>(path, { keyEncoding: 'view', valueEncoding: 'view' })
    const key = (await level.keys({ gte: Buffer.from('b') }).all()).find((each) => decodeKey(each).offset === 3)
    if (!key) throw new Error('there is no third block')
    await level.put(key, bytes, { sync: true })
    await level.close()
  }
  return {
    async fill(third) {
      const journal = await open()
      for (const n of [0, 1, 2, 3, 4]) await journal.append([record(n)])
      await journal.close()
      await put(third)
    },
    mend: () => put(blockOf(2)),
    open,
    async close() {},
  }
}

async function onNats(): Promise<Place> {
  const server: NatsServer = await startNatsServer()
  const open = (log = silent) =>
    openNatsJournal({ url: server.url, consumers: ['store'], maxBytes: 1e8, log, ackWaitMs: 3_000 })
  return {
    async fill(third) {
      const journal = await open()
      const link = await connect({ servers: server.url })
      for (const n of [0, 1, 2, 3, 4]) await jetstream(link).publish('nhip.journal', n === 2 ? third : blockOf(n))
      await link.close()
      await journal.close()
    },
    open,
    close: () => server.close(),
  }
}

const places = [
  { where: 'on this machine', make: onDisk },
  { where: 'on NATS', make: onNats },
]

describe.each(places.flatMap((each) => storeKinds.map((kind) => ({ ...each, kind, name: kind.name }))))(
  'a journal $where and the store $name',
  ({ where, make, kind }) => {
    let folder: string
    let server: StoreServer
    let stores = 0
    let place: Place
    let broker: TestBroker
    let store: TelemetryStore
    let registry: Registry
    let faults: HealthFaults
    let ingest: Ingest | undefined
    let journal: Journal | undefined

    beforeAll(async () => {
      if (kind.isThere()) server = await kind.start()
    })
    afterAll(() => server?.close())
    beforeEach(async ({ skip }) => {
      skip(!kind.isThere())
      if (where === 'on NATS' && !natsInstalled() && process.env.CI) throw new Error('nats-server is missing')
      folder = await mkdtemp(join(tmpdir(), 'nhip-unreadable-'))
      place = await make(folder)
      broker = await startTestBroker()
      store = await server.open(folder, `unreadable-${++stores}`)
    })
    afterEach(async () => {
      await stop()
      await store.close()
      await broker.close()
      await place.close()
      await rm(folder, { recursive: true })
    })

    async function run(
      through: (store: TelemetryStore) => TelemetryStore = (own) => own,
      log = silent,
    ): Promise<Journal> {
      registry = new Registry()
      faults = new HealthFaults()
      journal = await place.open(log)
      ingest = await startIngest({
        ...{ journal, store: through(store), registry, faults, log, districts: [], retentionDays: 0 },
        damagedDir: join(folder, 'damaged-blocks'),
        mqtt: { url: `mqtt://127.0.0.1:${broker.port}`, username: 'ingest', password: 'unused' },
      })
      return journal
    }
    async function stop(): Promise<void> {
      await ingest?.close()
      await journal?.close()
      ingest = undefined
      journal = undefined
    }
    const stored = async () => {
      const points = await store.history({
        ...{ kind: 'air-quality', sensor: 'aq-1', value: 'pm25', limit: 100 },
        ...{ from: start, to: start + 1_000 },
      })
      return points.map(({ value }) => value)
    }
    /** What an audit finds when all five were acknowledged. */
    const audited = async () => {
      const ledger = join(folder, 'ledger.tsv')
      const line = (n: number) =>
        ledgerLine({ event: 'acked', kind: 'air-quality', sensor: 'aq-1', ts: start + n, at: start + n })
      await writeFile(ledger, `${[0, 1, 2, 3, 4].map(line).join('\n')}\n`)
      return checkLedgers({ ledgers: [ledger], store })
    }
    const metric = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value
    const count = (n: number) => until(`${n} readings`, async () => (await stored()).length >= n)

    it('keeps a block of another version, and what is behind it, until a release that reads it comes', async () => {
      await place.fill(blockOf(2, 2))
      const { log, lines } = listeningLog()
      const opened = await run(undefined, log)
      await count(2)
      await until('readiness to say so', () => faults.now.includes('JOURNAL_VERSION'))
      expect(await metric('nhip_ingest_journal_version_unknown')).toBe(1)
      expect(lines.filter((line) => line.includes('INGEST HAS STOPPED TAKING'))).toHaveLength(1)
      expect(await metric('nhip_ingest_damaged_blocks_total')).toBe(0)
      await until('the offset', async () => (await opened.committed('store')) === 2)
      expect(await stored()).toEqual([0, 1])
      await stop()
      // started again it is still there, and nothing behind it was taken
      const again = await run()
      await until('readiness to say so again', () => faults.now.includes('JOURNAL_VERSION'))
      expect(await again.committed('store')).toBe(2)
      expect((await again.stats()).blocks).toBe(3)
      await stop()
      if (!place.mend) return
      await place.mend()
      await run()
      await count(5)
      expect(await stored()).toEqual([0, 1, 2, 3, 4])
      expect((await audited()).total).toMatchObject({ stored: 5, missing: 0, duplicated: 0 })
      expect(faults.now).toEqual([])
    }, 60_000)

    it('puts a damaged block aside before it goes on, whole and counted once', async () => {
      const damaged = blockOf(2)
      damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1)
      await place.fill(damaged)
      const opened = await run()
      await count(4)
      expect(await stored()).toEqual([0, 1, 3, 4])
      await until('the offset', async () => (await opened.committed('store')) === 5)
      const names = await readdir(join(folder, 'damaged-blocks'))
      expect(names).toHaveLength(1)
      expect(await readFile(join(folder, 'damaged-blocks', names[0] ?? ''))).toEqual(damaged)
      expect(await metric('nhip_ingest_damaged_blocks_total')).toBe(1)
      // what nobody can read is missing, and nothing else is
      expect((await audited()).missing).toEqual([{ kind: 'air-quality', sensor: 'aq-1', ts: start + 2 }])
      expect(faults.now).toEqual([])
    }, 60_000)

    it('loses nothing when the store fails over one reading in a way of its own: that one alone is put aside', async () => {
      await place.fill(blockOf(2))
      const failing = (own: TelemetryStore) =>
        new Proxy(own, {
          get(target, name) {
            if (name === 'write')
              return async (readings: readonly Reading[]) => {
                if (readings.some(({ ts }) => ts === start + 3)) throw new RangeError('too deep')
                return target.write(readings)
              }
            const member: unknown = Reflect.get(target, name)
            return typeof member === 'function' ? member.bind(target) : member
          },
        })
      const opened = await run(failing)
      await count(4)
      await until('the offset', async () => (await opened.committed('store')) === 5)
      expect(await stored()).toEqual([0, 1, 2, 4])
      const [entry] = await store.readEvents({ stream: 'quarantine', limit: 10 })
      expect(entry?.body).toMatchObject({ code: 'STORE', payload: expect.stringContaining('"pm25":3') })
      expect((await audited()).total).toMatchObject({ stored: 4, refused: 1, missing: 0, duplicated: 0 })
    }, 60_000)
  },
)

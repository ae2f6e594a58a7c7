import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Journal } from '#journal/journal.ts'
import { openLocalJournal } from '#journal/local/local-journal.ts'
import { openNatsJournal } from '#journal/nats/nats-journal.ts'
import { Ledger } from '#simulators/ledger.ts'
import { root } from '#start/prepare.mjs'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { checkLedgers, type LedgerCheckProgress } from '#storage/ledger-check/ledger-check.ts'
import type { StoredEvent } from '#storage/store.ts'
import { type LedgerEntry, ledgerLine } from '#telemetry/ledger.ts'
import type { Reading } from '#telemetry/reading.ts'
import { influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { natsInstalled, startNatsServer } from '../real/nats-server.ts'
import { startAnsweringServer, wellInflux } from '../support/answering-server.ts'
import { startPlatform, startService } from '../support/platform-process.ts'

const now = Date.UTC(2026, 10, 20)
const log = pino({ level: 'silent' })
const lamp = (sensor: string, ts: number): Reading => ({
  ...{ kind: 'lighting', district: 'tay-ninh', sensor, ts, values: { powerState: 'on' } },
})
const lampEntry = (event: LedgerEntry['event'], number: number, at = now + number + 5): LedgerEntry => ({
  ...{ event, kind: 'lighting', sensor: 'lamp-1', ts: now + number, at },
})

describe('the check of ledgers against the store', () => {
  let folder: string
  let file: string
  const database = () => join(folder, 'data', 'nhip.duckdb')
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-audit-test-'))
    file = join(folder, 'ledger.tsv')
  })
  afterEach(() => rm(folder, { recursive: true }))

  const writeLedger = async (entries: readonly LedgerEntry[]) => {
    const ledger = await Ledger.open(file)
    for (const entry of entries) ledger.record(entry)
    await ledger.close()
  }
  const openDuckdb = () => openDuckdbStore({ path: join(folder, 'nhip.duckdb'), log })

  it('finds nothing missing when all that was acknowledged is stored, and knows what was late', async () => {
    const store = await openDuckdb()
    await store.write([0, 1, 2].map((number) => lamp('lamp-1', now + number)))
    const late = lampEntry('acked', 2, now + 90_000)
    await writeLedger(
      [0, 1, 2, 3]
        .map((number) => lampEntry('sent', number))
        .concat(lampEntry('acked', 0), lampEntry('acked', 1), late),
    )
    const report = await checkLedgers({ ledgers: [file], store })
    expect(report.total).toEqual({
      sent: 4,
      acknowledged: 3,
      stored: 3,
      waiting: 0,
      missing: 0,
      duplicated: 0,
      late: 1,
      refused: 0,
      notKept: 0,
      expired: 0,
    })
    expect(report.rows).toMatchObject([{ kind: 'lighting', sent: 4 }])
    await store.close()
  })

  it('takes an acknowledgement that came twice as one, and a line that was cut short as none', async () => {
    const store = await openDuckdb()
    await store.write([lamp('lamp-1', now)])
    await writeLedger([lampEntry('acked', 0), lampEntry('acked', 0)])
    await appendFile(file, 'acked\tlighting\tlamp-1\t17951')
    const report = await checkLedgers({ ledgers: [file], store })
    expect(report.total).toMatchObject({ acknowledged: 1, stored: 1, missing: 0 })
    expect(report.unreadable).toBe(1)
    await store.close()
  })

  it.each(['DuckDB', 'InfluxDB'])(
    'finds a reading that came in parts, and one that was corrected, neither missing nor doubled, on %s',
    async (name) => {
      if (name === 'InfluxDB' && !influxdInstalled() && !process.env.CI) return
      const influxd = name === 'InfluxDB' ? await startInfluxd() : undefined
      const store = influxd ? await openInfluxdbStore({ url: influxd.url, bucket: 'nhip', log }) : await openDuckdb()
      const air = (ts: number, values: Extract<Reading, { kind: 'air-quality' }>['values']): Reading => ({
        ...{ kind: 'air-quality', district: 'tay-ninh', sensor: 'aq-1', ts, values },
      })
      // one time in three messages, each acknowledged; another corrected by the next batch
      await store.write([air(now, { pm25: 1 }), air(now, { pm10: 2 }), air(now + 1, { pm25: 1 })])
      await store.write([air(now, { temperature: 30 }), air(now + 1, { pm25: 2 })])
      const entry = (number: number): LedgerEntry => ({
        ...lampEntry('acked', number),
        kind: 'air-quality',
        sensor: 'aq-1',
      })
      await writeLedger([entry(0), entry(0), entry(0), entry(1), entry(1)])
      expect((await checkLedgers({ ledgers: [file], store })).total).toMatchObject({
        ...{ acknowledged: 2, stored: 2, missing: 0, duplicated: 0, refused: 0 },
      })
      await store.close()
      await influxd?.close()
    },
  )

  it('names what is missing', async () => {
    const store = await openDuckdb()
    await store.write([lamp('lamp-1', now)])
    await writeLedger([lampEntry('acked', 0), lampEntry('acked', 1)])
    const report = await checkLedgers({ ledgers: [file], store })
    expect(report.total).toMatchObject({ acknowledged: 2, stored: 1, missing: 1 })
    expect(report.missing).toEqual([{ kind: 'lighting', sensor: 'lamp-1', ts: now + 1 }])
    await store.close()
  })

  it('finds a reading that is stored twice', async () => {
    const store = await openDuckdb()
    await store.write([lamp('lamp-1', now)])
    await store.close()
    const instance = await DuckDBInstance.create(join(folder, 'nhip.duckdb'))
    const connection = await instance.connect()
    await connection.run('INSERT INTO lighting SELECT * FROM lighting')
    connection.closeSync()
    instance.closeSync()
    await writeLedger([lampEntry('acked', 0)])
    const again = await openDuckdb()
    expect((await checkLedgers({ ledgers: [file], store: again })).total).toMatchObject({ stored: 1, duplicated: 1 })
    await again.close()
  })

  it('counts per kind and in all, over several ledgers', async () => {
    const store = await openDuckdb()
    await store.write([lamp('lamp-1', now)])
    await writeLedger([lampEntry('acked', 0), { ...lampEntry('acked', 1), kind: 'traffic', sensor: 'tr-1' }])
    const other = join(folder, 'other.tsv')
    await writeFile(other, `${ledgerLine({ ...lampEntry('sent', 2), kind: 'traffic', sensor: 'tr-1' })}\n`)
    const steps = new Map<string, LedgerCheckProgress>()
    const onProgress = (progress: LedgerCheckProgress) => void steps.set(progress.step, progress)
    const { rows, total } = await checkLedgers({ ledgers: [file, other], store, onProgress })
    expect(rows).toEqual([
      {
        kind: 'lighting',
        sent: 1,
        acknowledged: 1,
        stored: 1,
        waiting: 0,
        missing: 0,
        duplicated: 0,
        late: 0,
        refused: 0,
        notKept: 0,
        expired: 0,
      },
      {
        kind: 'traffic',
        sent: 2,
        acknowledged: 1,
        stored: 0,
        waiting: 0,
        missing: 1,
        duplicated: 0,
        late: 0,
        refused: 0,
        notKept: 0,
        expired: 0,
      },
    ])
    expect(total).toMatchObject({ sent: 3, acknowledged: 2, stored: 1, waiting: 0, missing: 1, duplicated: 0, late: 0 })
    const bytes = (await stat(file)).size + (await stat(other)).size
    expect([...steps.values()]).toEqual([
      { step: 'ledger', done: bytes, total: bytes },
      { step: 'store', done: 1, total: 2 },
    ])
    await store.close()
  })

  it('counts apart what is in quarantine, as long as it is not stored: it is not missing', async () => {
    const store = await openDuckdb()
    await writeLedger([0, 1, 2, 3, 4].map((number) => lampEntry('acked', number)))
    const topic = 'city/v1/tay-ninh/lighting/lamp-1/reading'
    const refusal = (number: number, payload: string): StoredEvent => {
      const kept = { code: 'STORE', reason: 'no', topic, payload, payloadBytes: payload.length, count: 1 }
      return { stream: 'quarantine', id: `q-${number}`, ts: now + number, body: { ...kept, ts: now + number } }
    }
    const payload = (number: number) => `{"ts":${now + number},"powerState":"on"}`
    await store.appendEvents([
      refusal(1, payload(0)),
      refusal(2, `[${payload(1)},${payload(2)}]`),
      // of what was cut short before its time nobody knows what it was
      refusal(3, payload(3).slice(0, 15)),
      { stream: 'quarantine', id: 'foreign', ts: now, body: 'of another shape' },
    ])
    const [first, second] = [await checkLedgers({ ledgers: [file], store }), now + 4]
    expect(first.total).toMatchObject({ acknowledged: 5, stored: 0, missing: 2, refused: 3 })
    expect(first.missing.map(({ ts }) => ts)).toEqual([now + 3, second])
    await store.write([0, 1, 3, 4].map((number) => lamp('lamp-1', now + number)))
    expect((await checkLedgers({ ledgers: [file], store })).total).toMatchObject({ stored: 4, missing: 0, refused: 1 })
    await store.close()
  })

  it('counts apart what is no longer kept, and says so: it is not missing', async () => {
    const day = 86_400_000
    const store = await openDuckdb()
    const ages = [0, 40, 50, 60].map((days) => Date.now() - days * day)
    const entries = ages.map((ts) => ({ ...lampEntry('acked', 0), ts, at: ts }))
    await writeLedger(entries)
    // removed: the two oldest; and one that should be there is not
    await store.write(ages.slice(1, 2).map((ts) => lamp('lamp-1', ts)))
    const keptFrom = Date.now() - 45 * day
    const { total, missing } = await checkLedgers({ ledgers: [file], store, keptFrom })
    expect(total).toMatchObject({ acknowledged: 4, stored: 1, missing: 1, expired: 2 })
    expect(missing).toMatchObject([{ ts: ages[0] }])
    await store.write(ages.slice(0, 1).map((ts) => lamp('lamp-1', ts)))
    await store.close()
    const run = async (days: string) => {
      const command = startService(`audit --ledger ${file}`, { DATA_DIR: folder, RETENTION_DAYS: days })
      return { code: await command.exited, output: command.output() }
    }
    const { code, output } = await run('45')
    expect(output).toContain('2 readings measured longer ago than RETENTION_DAYS=45 and not in the store any more')
    expect(output).toContain('nothing is missing')
    expect(code).toBe(0)
    expect(await run('0')).toMatchObject({ code: 1, output: expect.stringMatching(/missing: lighting lamp-1/) })
  })

  it('names the first 20 of the missing and counts all', async () => {
    const store = await openDuckdb()
    await writeLedger(Array.from({ length: 25 }, (_, number) => lampEntry('acked', 24 - number)))
    const report = await checkLedgers({ ledgers: [file], store })
    expect(report.total.missing).toBe(25)
    expect(report.missing.map(({ ts }) => ts - now)).toEqual(Array.from({ length: 20 }, (_, number) => number))
    await store.close()
  })

  it.skipIf(!influxdInstalled() && !process.env.CI)('works on InfluxDB', async () => {
    const influxd = await startInfluxd()
    const store = await openInfluxdbStore({ url: influxd.url, bucket: 'nhip', log })
    await store.write([lamp('lamp-1', now)])
    await writeLedger([lampEntry('acked', 0), lampEntry('acked', 1)])
    expect((await checkLedgers({ ledgers: [file], store })).total).toMatchObject({
      acknowledged: 2,
      stored: 1,
      missing: 1,
    })
    await store.write([lamp('lamp-1', now + 1)])
    const env = { DATA_DIR: folder, STORE: 'influxdb', INFLUX_URL: influxd.url }
    const clean = startService(`audit --ledger ${file}`, env)
    expect(await clean.exited).toBe(0)
    // InfluxDB tells points apart by their tags too
    await store.write([{ ...lamp('lamp-1', now), district: 'hoa-thanh' }])
    expect((await checkLedgers({ ledgers: [file], store })).total).toMatchObject({
      stored: 2,
      missing: 0,
      duplicated: 1,
    })
    await store.close()
    await influxd.close()
  })

  describe('tells what waits in the journal from what is missing', () => {
    const record = (number: number) => ({
      topic: 'city/v1/tay-ninh/lighting/lamp-1/reading',
      payload: Buffer.from(JSON.stringify({ ts: now + number, powerState: 'on' })),
      arrivedAt: now + number,
    })
    /** Of five acknowledged readings 0 is stored, 1 is lost, the others are in the journal, 4 stored but not committed. */
    const prepare = async (journal: Journal) => {
      await writeLedger([0, 1, 2, 3, 4].map((number) => lampEntry('acked', number)))
      await journal.append([record(0), record(1)])
      await journal.commit('store', await journal.end())
      await journal.append([record(2)])
      await journal.append([record(3), record(4), { ...record(9), payload: Buffer.from('no reading') }])
    }
    const stored = [lamp('lamp-1', now), lamp('lamp-1', now + 4)]
    const openLocal = () =>
      openLocalJournal({ path: join(folder, 'journal'), consumers: ['store'], maxBytes: 1e9, log })
    const run = async (env: Record<string, string> = {}) => {
      const command = startService(`audit --ledger ${file}`, { DATA_DIR: folder, ...env })
      return { code: await command.exited, output: command.output() }
    }

    it('on this machine', async () => {
      const store = await openDuckdb()
      await store.write(stored)
      await store.close()
      const journal = await openLocal()
      await prepare(journal)
      await journal.close()
      const { code, output } = await run()
      expect(output).toMatch(/total +│ 5 +│ 5 +│ 2 +│ 2 +│ 1 +│ 0/)
      expect(output).toContain('2 readings not stored yet, safe in the journal: start the platform')
      expect(output).toContain(`missing: lighting lamp-1 ${new Date(now + 1).toISOString()}`)
      expect(code).toBe(1)
      const again = await openDuckdb()
      await again.write([lamp('lamp-1', now + 1)])
      await again.close()
      expect(await run()).toMatchObject({ code: 0, output: expect.stringContaining('nothing is missing') })
    })

    it.skipIf(!natsInstalled() && !process.env.CI)('on NATS, of which it changes nothing', async () => {
      const server = await startNatsServer()
      try {
        const store = await openDuckdb()
        await store.write(stored)
        await store.close()
        const env = { JOURNAL: 'nats', NATS_URL: server.url }
        await writeLedger([lampEntry('acked', 1)])
        expect(await run(env)).toMatchObject({ code: 1, output: expect.stringContaining('no journal on that server') })
        const journal = await openNatsJournal({ url: server.url, consumers: ['store'], maxBytes: 5_000_000, log })
        await prepare(journal)
        const stats = await journal.stats()
        const { code, output } = await run(env)
        expect(output).toMatch(/total +│ 5 +│ 5 +│ 2 +│ 2 +│ 1 +│ 0/)
        expect(code).toBe(1)
        expect(await journal.stats()).toEqual(stats)
        const link = await connect({ servers: server.url })
        const { config } = await (await jetstreamManager(link)).streams.info('nhip-journal')
        expect(config.max_bytes).toBeLessThan(10_000_000)
        await link.close()
        await journal.close()
      } finally {
        await server.close()
      }
    })

    it('or says that it cannot, while the running platform has the journal for itself', async () => {
      const store = await openDuckdb()
      await store.write(stored)
      await store.close()
      const journal = await openLocal()
      await prepare(journal)
      const { code, output } = await run()
      expect(output).toContain('3 readings not in the store may wait in the journal')
      expect(code).toBe(2)
      const again = await openDuckdb()
      await again.write([1, 2, 3].map((number) => lamp('lamp-1', now + number)))
      await again.close()
      expect(await run()).toMatchObject({ code: 0 })
      await journal.close()
    })
  })

  it('goes through a million lines, and as many waiting readings, in little memory', async () => {
    const lines = Array.from(
      { length: 1_000_000 },
      (_, number) => `acked\tlighting\tlamp-${number % 50}\t${now + number}\t${now}`,
    )
    await writeFile(file, `${lines.join('\n')}\n`)
    await (await openDuckdb()).close()
    const journal = await openLocalJournal({ path: join(folder, 'journal'), consumers: ['store'], maxBytes: 1e9, log })
    for (let from = 0; from < 900_000; from += 5_000)
      await journal.append(
        Array.from({ length: 5_000 }, (_, index) => ({
          topic: `city/v1/tay-ninh/lighting/lamp-${(from + index) % 50}/reading`,
          payload: Buffer.from(`{"ts":${now + from + index},"powerState":"on"}`),
          arrivedAt: now,
        })),
      )
    await journal.close()
    const env = { DATA_DIR: folder }
    const command = startService(`audit --ledger ${file}`, env, ['--max-old-space-size=96'])
    expect(await command.exited).toBe(1)
    expect(command.output()).toMatch(/total +│ 1000000 +│ 1000000 +│ 0 +│ 900000 +│ 100000/)
  }, 180_000)

  it('shows on a terminal how far it is', async () => {
    await (await openDuckdb()).close()
    await writeLedger([lampEntry('acked', 0)])
    const command = `${process.execPath} ${join(root, 'start/launch.mjs')} audit --ledger ${file}`
    // a program of util-linux that gives a command a terminal
    const terminal = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      ...{ cwd: root, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, DATA_DIR: folder } },
    })
    let output = ''
    terminal.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    expect((await once(terminal, 'close'))[0]).toBe(1)
    expect(output).toMatch(/Audit, reading the ledger \[.+\] \d+ %/)
    expect(output).toContain('missing: lighting lamp-1')
  })

  it('leaves nothing behind when it is stopped half-way', async () => {
    const asked = ({ body }: { body: string }) => new URLSearchParams(body).get('q')?.includes('"sensor"') === true
    // an InfluxDB that never gets through the readings
    const well = wellInflux()
    const influx = await startAnsweringServer((request) => (asked(request) ? undefined : well(request)))
    await writeLedger([lampEntry('acked', 0)])
    const temporary = await mkdtemp(join(folder, 'tmp-'))
    const env = { DATA_DIR: folder, TMPDIR: temporary, STORE: 'influxdb', INFLUX_URL: influx.url }
    const command = startService(`audit --ledger ${file}`, env)
    const left = async () => (await readdir(temporary)).filter((name) => name.startsWith('nhip-audit-'))
    await expect.poll(() => influx.requests.some(asked), { timeout: 30_000 }).toBe(true)
    expect(await left()).toHaveLength(1)
    expect(await command.stop('SIGINT')).toBe(130)
    expect(await left()).toEqual([])
    await influx.close()
  })

  it('is one command after a run of the simulated city: clean says so, missing exits with 1', async () => {
    const env = { DATA_DIR: join(folder, 'data'), SENSORS: '50', LEDGER: file }
    const platform = await startPlatform(env)
    const headers = { authorization: `Bearer ${platform.adminToken}` }
    const delivered = async () => {
      const text = await (await fetch(`${platform.url}/metrics`, { headers })).text()
      return Number(/^nhip_simulators_delivered_total (\d+)/m.exec(text)?.[1] ?? 0)
    }
    await expect.poll(delivered, { timeout: 60_000 }).toBeGreaterThan(60)
    expect(await platform.stop()).toBe(0)
    const run = async () => {
      const command = startService(`audit --ledger ${file}`, env)
      return { code: await command.exited, output: command.output() }
    }
    expect(await run()).toMatchObject({ code: 0, output: expect.stringContaining('nothing is missing') })
    const instance = await DuckDBInstance.create(database())
    const connection = await instance.connect()
    await connection.run('DELETE FROM lighting WHERE ts = (SELECT max(ts) FROM lighting)')
    connection.closeSync()
    instance.closeSync()
    expect(await run()).toMatchObject({ code: 1, output: expect.stringContaining('missing: lighting') })
  })

  it('says what is wrong with how it was called', async () => {
    const missing = startService('audit --ledger /no/such/file', { DATA_DIR: folder })
    expect(await missing.exited).toBe(2)
    expect(missing.output()).toContain('--ledger "/no/such/file" cannot be read')
    expect(await startService('audit', { DATA_DIR: folder }).exited).toBe(2)
    await writeLedger([])
    const empty = startService(`audit --ledger ${file}`, { DATA_DIR: folder })
    expect(await empty.exited).toBe(2)
    expect(empty.output()).toContain('there is no store in it')
  })

  it('never calls clean what it could not compare', async () => {
    const fault = async (what: string) => {
      const command = startService(`audit ${what}`, { DATA_DIR: folder })
      expect(await command.exited).toBe(2)
      const output = command.output().trim()
      expect(output).toMatch(/^nhip: [^\n]+$/)
      return output
    }
    const store = await openDuckdb()
    await writeLedger([lampEntry('acked', 0)])
    expect(await fault(`--ledger ${file}`)).toContain('another process uses the store')
    await store.close()
    expect(await fault(`--ledger ${file} ${file}`)).toContain('each file takes a --ledger')
    expect(await fault(`--ledger ${folder}`)).toContain('it is a folder')
    await writeFile(file, '')
    expect(await fault(`--ledger ${file}`)).toContain('the ledger is empty')
    await writeFile(file, 'this is no ledger\n')
    expect(await fault(`--ledger ${file}`)).toContain('no line of it is one of a ledger')
  })
})

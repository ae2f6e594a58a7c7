import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AuditLog, type AuditLogLimits, openAuditLog } from '#api/audit-log/audit-log.ts'
import { apiMetrics } from '#api/metrics.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { auditEntrySchema, auditLogResponse } from '#telemetry/audit-log.ts'
import { WakeSignal } from '#telemetry/retry/wake-signal.ts'
import { get, openTestStore, startTestApi, startTestBroker, type TestStore, until, web } from './api-parts.ts'

/** how long the store may take to be told again */
const patient = { timeout: 20_000 }
const now = Date.UTC(2026, 10, 20, 6)
const entry = {
  ...{ who: 'lan', target: 'a-1', from: '192.0.2.7' },
  ...{ what: 'alert.acknowledge' as const, detail: { comment: 'seen' } },
}

describe('the audit log', () => {
  let test: TestStore
  let folder: string
  let registry: Registry
  let opened: AuditLog[]
  beforeEach(async () => {
    test = await openTestStore()
    folder = join(test.folder, 'trail')
    opened = []
  })
  afterEach(async () => {
    for (const auditLog of opened) await auditLog.close()
    await test.close()
  })
  /** Opens a auditLog as a process would that starts now; one that is open already counts as killed. */
  const open = async (place: string | undefined = folder, limits?: AuditLogLimits) => {
    registry = new Registry()
    const auditLog = await openAuditLog({
      ...{ store: test.store, folder: place, metrics: apiMetrics(registry), clock: () => now },
      log: pino({ level: 'silent' }),
      ...(limits && { limits }),
    })
    opened.push(auditLog)
    return auditLog
  }
  const kept = async () =>
    (await test.store.readEvents({ stream: 'audit', limit: 100 })).map(({ body }) => auditEntrySchema.parse(body))
  const metric = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value

  it('has an entry soon: who, what, to what, from where, when', async () => {
    await (await open()).record(entry)
    await expect.poll(kept, patient).toMatchObject([{ ...entry, at: now }])
    await expect.poll(() => readdir(folder), patient).toEqual([])
  })

  it('has every one of many entries told at once', async () => {
    const auditLog = await open()
    await Promise.all(Array.from({ length: 50 }, (_, i) => auditLog.record({ ...entry, target: `a-${i}` })))
    await expect.poll(async () => new Set((await kept()).map(({ target }) => target)).size, patient).toBe(50)
  })

  it('has it on disk, for its owner alone, once its promise resolves while the store is away', async () => {
    test.down = true
    await (await open()).record(entry)
    const [name = ''] = await readdir(folder)
    expect(auditEntrySchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))).toMatchObject(entry)
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  it('writes what was told while the store was away when it is back', async () => {
    test.down = true
    const auditLog = await open()
    await auditLog.record(entry)
    await auditLog.record({ ...entry, what: 'alert.shelve' })
    expect(await metric('nhip_api_trail_held')).toBe(2)
    test.down = false
    await until('both entries', async () => (await kept()).length === 2)
    await expect.poll(() => metric('nhip_api_trail_held'), patient).toBe(0)
    expect(await metric('nhip_api_trail_held_bytes')).toBe(0)
  })

  it('takes up what a killed process left, and has it once even when the store got it before the kill', async () => {
    test.down = true
    const killed = await open()
    await killed.record({ ...entry, at: now - 1 })
    await killed.record(entry)
    const next = await open()
    expect(next.pending()).toMatchObject([{ at: now - 1 }, { at: now }])
    test.down = false
    // both tell the store the same
    await Promise.all(opened.map((auditLog) => auditLog.close()))
    expect(await kept()).toHaveLength(2)
    expect(await readdir(folder)).toEqual([])
  })

  it('recognises a last line that a kill has torn, and keeps the lines before it', async () => {
    await mkdir(folder)
    const line = (id: string) => JSON.stringify({ id, at: now, ...entry })
    await writeFile(join(folder, 'torn.jsonl'), `${line('1')}\n${line('2').slice(0, 40)}`)
    await open()
    await expect.poll(kept, patient).toMatchObject([{ id: '1' }])
    await expect.poll(() => readdir(folder), patient).toEqual([])
  })

  it('puts a damaged file aside, and keeps what can be read of it', async () => {
    await mkdir(folder)
    const line = JSON.stringify({ id: '1', at: now, ...entry })
    await writeFile(join(folder, 'bad.jsonl'), `{"id":\n${line}\n`)
    await open()
    await expect.poll(kept, patient).toMatchObject([{ id: '1' }])
    await expect.poll(() => readdir(folder), patient).toEqual(['bad.jsonl.damaged'])
  })

  it('holds as much as its limits say, half of it for what nobody signed in did; the rest is lost and counted', async () => {
    test.down = true
    const auditLog = await open(folder, { maxHeld: 4, maxHeldBytes: 10_000 })
    for (let i = 0; i < 4; i++)
      await auditLog.record({ ...entry, who: '', what: 'session.refuse', detail: { way: 'token' } })
    expect(auditLog.pending()).toHaveLength(2)
    for (let i = 0; i < 3; i++) await auditLog.record(entry)
    expect(auditLog.pending().filter(({ who }) => who === 'lan')).toHaveLength(2)
    expect(await metric('nhip_api_trail_lost_total')).toBe(3)
    const small = await open(join(test.folder, 'small'), { maxHeld: 100, maxHeldBytes: 1_200 })
    for (let i = 0; i < 10; i++) await small.record({ ...entry, target: 'x'.repeat(200) })
    expect(small.pending()).toHaveLength(3)
  })

  it('does not lose others with an entry that the store refuses', async () => {
    test.down = true
    const auditLog = await open()
    await auditLog.record({ ...entry, target: 'before' })
    await auditLog.record({ ...entry, at: 1e30 })
    await auditLog.record({ ...entry, target: 'after' })
    test.down = false
    await expect
      .poll(async () => (await kept()).map(({ target }) => target).sort(), patient)
      .toEqual(['after', 'before'])
    await expect.poll(() => metric('nhip_api_trail_lost_total'), patient).toBe(1)
  })

  it('waits for the store when the disk does not take an entry, and holds it in memory when that is away too', async () => {
    const auditLog = await open()
    await rm(folder, { recursive: true })
    await auditLog.record(entry)
    expect(await kept()).toHaveLength(1)
    test.down = true
    await auditLog.record(entry)
    expect(await metric('nhip_api_trail_disk_faults_total')).toBe(2)
    test.down = false
    await until('the second entry', async () => (await kept()).length === 2)
  })

  it('shows entries that still wait for the store', async () => {
    const broker = await startTestBroker()
    const behindProxy = { ...web, trustProxy: '127.0.0.1' }
    const api = await startTestApi({
      store: test.store,
      brokerPort: broker.port,
      auditLogDir: folder,
      web: behindProxy,
    })
    const key = (from: string) =>
      fetch(`${api.url}/api/v1/session`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json', 'x-forwarded-for': from } },
        body: JSON.stringify({ name: 'somebody', password: 'not the right one' }),
      })
    const addresses = async () =>
      auditLogResponse.parse(await (await get(api, '/api/v1/trail?limit=2')).json()).entries.map(({ from }) => from)
    await key('192.0.2.1')
    test.down = true
    await key('192.0.2.2')
    await key('192.0.2.3')
    test.down = false
    expect(await addresses()).toEqual(['192.0.2.3', '192.0.2.2'])
    await expect.poll(() => readdir(folder), patient).toEqual([])
    expect(await addresses()).toEqual(['192.0.2.3', '192.0.2.2'])
    await api.close()
    await broker.close()
  })

  it('writes an entry that comes in the very moment in which a write ends', async () => {
    // microtasks between the answer of the store and the entry
    for (let late = 0; late < 30; late++) {
      const answered = new WakeSignal()
      const isAnswered = answered.woken()
      const store = new Proxy(test.store, {
        get: (target, name: keyof TelemetryStore) => (name === 'appendEvents' ? answer : target[name].bind(target)),
      })
      const answer: TelemetryStore['appendEvents'] = async (events) => {
        await test.store.appendEvents(events)
        answered.wake()
      }
      const auditLog = await openAuditLog({
        ...{ store, folder: undefined, metrics: apiMetrics(new Registry()), clock: () => now },
        log: pino({ level: 'silent' }),
      })
      opened.push(auditLog)
      const first = auditLog.record(entry)
      await isAnswered
      for (let i = 0; i < late; i++) await undefined
      void auditLog.record(entry)
      await first
      await until(`no entry waits, ${late}`, async () => auditLog.pending().length === 0)
    }
  })

  it('writes what it holds when it is closed', async () => {
    test.down = true
    const auditLog = await open()
    await auditLog.record(entry)
    test.down = false
    await auditLog.close()
    expect(await kept()).toHaveLength(1)
  })
})

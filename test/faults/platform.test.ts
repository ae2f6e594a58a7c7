import { mkdir, mkdtemp, readdir, rm, statfs, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { auditLogResponse } from '#telemetry/audit-log.ts'
import { freePort } from '../real/free-port.ts'
import { type Influxd, influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { mountSmallDisk } from '../real/small-disk.ts'
import { type PlatformProcess, startPlatform, startService } from '../support/platform-process.ts'
import { type Burst, expectNothingLost, startBurst, untilCalm } from './burst.ts'
import { startFaultyInflux } from './faulty-influx.ts'
import { expectFlatMemory } from './memory.ts'

const log = pino({ level: 'silent' })

/** All in one process, on LevelDB and DuckDB; what breaks, breaks in the middle of a burst. */
describe('nothing acknowledged is lost, and nothing is stored twice, when', { timeout: 180_000 }, () => {
  let folder: string
  let platform: PlatformProcess | undefined
  let burst: Burst | undefined
  let ports: Record<string, string>
  const closers: { close(): Promise<void> }[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-faults-'))
    ports = { MQTT_PORT: String(await freePort()), HTTP_PORT: String(await freePort()) }
  })
  afterEach(async () => {
    await platform?.stop('SIGKILL')
    platform = undefined
    for (const each of closers.splice(0)) await each.close()
    await rm(folder, { recursive: true, force: true })
  })

  const start = async (env: Record<string, string> = {}) => {
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '0', ...ports, ...env })
    return platform
  }
  const begin = async ({ mqttPort, adminToken }: PlatformProcess) => {
    burst = await startBurst({ port: mqttPort, password: adminToken })
    await burst.more(500)
    return burst
  }
  /** The burst goes on for a while and ends; then the stopped platform's file holds all of it. */
  const prove = async (running: Burst, data = join(folder, 'data')) => {
    await running.more(500)
    await running.stop()
    // what a store that was away has not taken yet stays in the journal when the platform stops
    await untilCalm(async () => [await metric('nhip_ingest_held_readings'), await metric('nhip_ingest_behind')])
    expect(await platform?.stop()).toBe(0)
    const store = await openDuckdbStore({ path: join(data, 'nhip.duckdb'), log })
    try {
      await expectNothingLost(store, running)
    } finally {
      await store.close()
    }
  }
  const metric = async (name: string) => {
    const { url = '', adminToken } = platform ?? {}
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminToken}` } })
    const line = (await answer.text()).split('\n').find((text) => text.startsWith(`${name} `))
    return Number(line?.slice(name.length) ?? 0)
  }
  /** what `/health/ready` says is wrong */
  const faults = async () => {
    const answer = await fetch(`${platform?.url}/health/ready`)
    return ((await answer.json()) as { faults: string[] }).faults
  }
  const refusals = () => metric('nhip_broker_refused_total{what="journal"}')
  const retries = () => metric('nhip_ingest_store_retries_total')

  it('the process is killed, again and again', async () => {
    const running = await begin(await start())
    for (let kill = 0; kill < 3; kill++) {
      await platform?.stop('SIGKILL')
      await start()
      await running.more(300)
    }
    await prove(running)
  })

  it('the process is asked to stop', async () => {
    const running = await begin(await start())
    expect(await platform?.stop('SIGTERM')).toBe(0)
    await start()
    await prove(running)
  })

  it.for([
    { what: 'journal and store', elsewhere: undefined, fault: refusals, says: 'JOURNAL_WRITE' },
    { what: 'the journal alone', elsewhere: 'store', fault: refusals, says: 'JOURNAL_WRITE' },
    { what: 'the store alone', elsewhere: 'journal', fault: retries, says: 'STORE_WRITE' },
  ])('the disk under $what is full for a while', async ({ elsewhere, fault, says }, { skip }) => {
    const disk = await mountSmallDisk(400_000_000)
    if (!disk) return skip('only root may mount the small disk that this needs')
    try {
      const data = elsewhere === 'store' ? join(folder, 'data') : join(disk.path, 'data')
      await mkdir(data)
      if (elsewhere) {
        const other = elsewhere === 'store' ? join(disk.path, 'journal') : join(folder, 'journal')
        await mkdir(other)
        await symlink(other, join(data, 'journal'))
      }
      const running = await begin(await start({ DATA_DIR: data }))
      const filler = join(disk.path, 'filler')
      const { bavail, bsize } = await statfs(disk.path)
      await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(() => {}) // ends when nothing is left
      const before = await fault()
      await expect.poll(fault, { timeout: 60_000 }).toBeGreaterThan(before + 1)
      await expect.poll(faults, { timeout: 60_000 }).toContain(says)
      // what only the store cannot take is acknowledged all the same
      if (elsewhere === 'journal') await running.more(500)
      await rm(filler)
      await expect.poll(faults, { timeout: 60_000 }).toEqual([])
      await prove(running, data)
    } finally {
      await platform?.stop('SIGKILL')
      await disk.close()
    }
  })

  describe.skipIf(!influxdInstalled() && !process.env.CI)('with InfluxDB as the store,', () => {
    const openInflux = async () => {
      const influxd = await startInfluxd()
      const influx = await startFaultyInflux(influxd.url)
      closers.push(influx, influxd)
      return { influxd, influx, env: { STORE: 'influxdb', INFLUX_URL: influx.url } }
    }
    const proveStored = async (running: Burst, influxd: Influxd) => {
      await running.stop()
      const store = await openInfluxdbStore({ url: influxd.url, bucket: 'nhip', log })
      await expectNothingLost(store, running)
      await store.close()
    }

    it('the journal is full for a while, because the store is away: acknowledgements are withheld', async () => {
      const { influxd, influx, env } = await openInflux()
      const running = await begin(await start({ ...env, JOURNAL_MAX_BYTES: '1048576', LOG_LEVEL: 'warn' }))
      influx.fault = { kind: 'answer', status: 503 }
      await expect.poll(refusals, { timeout: 60_000 }).toBeGreaterThan(0)
      await platform?.says(/THE JOURNAL IS \d+ % FULL/)
      await expect.poll(faults, { timeout: 60_000 }).toEqual(['STORE_WRITE', 'JOURNAL_WRITE'])
      influx.fault = { kind: 'none' }
      await running.more(500)
      await proveStored(running, influxd)
    })

    it('the process is killed while the store is away: the audit finds in the journal what the store lacks', async () => {
      const { influxd, influx, env } = await openInflux()
      const running = await begin(await start(env))
      influx.fault = { kind: 'answer', status: 503 }
      await running.more(500)
      await running.stop()
      await platform?.stop('SIGKILL')
      const audit = startService(`audit --ledger ${running.ledger}`, {
        ...{ DATA_DIR: join(folder, 'data'), STORE: 'influxdb', INFLUX_URL: influxd.url },
      })
      expect(await audit.exited).toBe(0)
      expect(audit.output()).toMatch(/\d{3,} readings not stored yet, safe in the journal/)
      expect(audit.output()).toContain('nothing is missing')
      influx.fault = { kind: 'none' }
      await start(env)
      await proveStored(running, influxd)
    })

    it('the process is killed while the store is away: what was done meanwhile is in the audit log, once', async () => {
      const { influxd, env } = await openInflux()
      const { url, adminToken } = await start(env)
      const trail = async () => {
        const answer = await fetch(`${url}/api/v1/trail`, { headers: { authorization: `Bearer ${adminToken}` } })
        return answer.ok ? auditLogResponse.parse(await answer.json()).entries : []
      }
      await influxd.stop()
      const signedIn = await fetch(`${url}/api/v1/session`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify({ token: adminToken }),
      })
      expect(signedIn.status).toBe(200)
      await platform?.stop('SIGKILL')
      closers.push(await startInfluxd(influxd))
      await start(env)
      await expect
        .poll(trail, { timeout: 60_000 })
        .toMatchObject([{ who: 'admin', what: 'session.begin', detail: { way: 'token' }, from: '127.0.0.1' }])
      await expect.poll(() => readdir(join(folder, 'data', 'trail')), { timeout: 60_000 }).toEqual([])
      expect(await trail()).toHaveLength(1)
    })

    it('the store takes a tenth of what arrives: memory stays flat, and it catches up', async () => {
      const { influxd, influx, env } = await openInflux()
      const { mqttPort: port, adminToken: password, process } = await start(env)
      influx.fault = { kind: 'slow', linesPerSecond: 500 }
      const running = await startBurst({ port, password, sensors: 20, perSecond: 10, perMessage: 200 })
      await expectFlatMemory(running, { platform: process.pid })
      influx.fault = { kind: 'none' }
      await proveStored(running, influxd)
    }, 300_000)
  })
})

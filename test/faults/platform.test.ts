import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { influxdInstalled, startInfluxd } from '../integration/real/influxd.ts'
import { freePort } from '../integration/real/nats-server.ts'
import { mountSmallDisk } from '../integration/real/small-disk.ts'
import { type PlatformProcess, startPlatform } from '../platform-process.ts'
import { type Burst, expectNothingLost, startBurst } from './burst.ts'
import { startFaultyInflux } from './faulty-influx.ts'

const log = pino({ level: 'silent' })

/** All in one process, on LevelDB and DuckDB; what breaks, breaks in the middle of a burst. */
describe('nothing acknowledged is lost, and nothing is stored twice, when', () => {
  let folder: string
  let platform: PlatformProcess | undefined
  let burst: Burst | undefined
  let ports: Record<string, string>
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-faults-'))
    ports = { MQTT_PORT: String(await freePort()), HTTP_PORT: String(await freePort()) }
  })
  afterEach(async () => {
    await platform?.stop('SIGKILL')
    platform = undefined
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
    expect(await platform?.stop()).toBe(0)
    const store = await openDuckdbStore({ path: join(data, 'nhip.duckdb'), log })
    await expectNothingLost(store, running)
    await store.close()
  }
  const refusals = async ({ url, adminToken }: PlatformProcess) => {
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminToken}` } })
    return Number(/nhip_broker_refused_total\{what="journal"\} (\d+)/.exec(await answer.text())?.[1] ?? 0)
  }

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

  it('the disk under journal and store is full for a while', async (test) => {
    const disk = await mountSmallDisk(400_000_000)
    if (!disk) return test.skip('only root may mount the small disk that this needs')
    try {
      const env = { DATA_DIR: join(disk.path, 'data') }
      const running = await begin(await start(env))
      const filler = join(disk.path, 'filler')
      const { bavail, bsize } = await statfs(disk.path)
      await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(() => {}) // ends when nothing is left
      const full = platform ?? expect.fail('no platform')
      await expect.poll(() => refusals(full), { timeout: 60_000 }).toBeGreaterThan(0)
      await rm(filler)
      await prove(running, env.DATA_DIR)
    } finally {
      await platform?.stop('SIGKILL')
      await disk.close()
    }
  })

  it.skipIf(!influxdInstalled() && !process.env.CI)(
    'the journal is full for a while, because the store is away: acknowledgements are withheld',
    async () => {
      const influxd = await startInfluxd()
      const influx = await startFaultyInflux(influxd.url)
      const env = { STORE: 'influxdb', INFLUX_URL: influx.url, JOURNAL_MAX_BYTES: '1048576', LOG_LEVEL: 'warn' }
      const running = await begin(await start(env))
      influx.fault = { kind: 'answer', status: 503 }
      const full = platform ?? expect.fail('no platform')
      await expect.poll(() => refusals(full), { timeout: 60_000 }).toBeGreaterThan(0)
      await full.says(/THE JOURNAL IS \d+ % FULL/)
      influx.fault = { kind: 'none' }
      await running.more(500)
      await running.stop()
      const store = await openInfluxdbStore({ url: influxd.url, bucket: 'nhip', log })
      await expectNothingLost(store, running)
      await store.close()
      await influx.close()
      await influxd.close()
    },
  )
})

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { ClassicLevel } from 'classic-level'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { historyResponse } from '#telemetry/history-rest.ts'
import { liveBatchSchema } from '#telemetry/live.ts'
import { quarantineResponse } from '#telemetry/quarantine-rest.ts'
import { sensorsResponse } from '#telemetry/rest.ts'
import { liveFilter } from '#telemetry/topics.ts'
import { makeAuthority } from '../support/certificates.ts'
import { type PlatformProcess, startPlatform, startService } from '../support/platform-process.ts'

const run = promisify(execFile)

let folder: string
let running: PlatformProcess[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nhip-start-'))
})
afterEach(async () => {
  for (const platform of running.splice(0)) await platform.stop('SIGKILL')
  running = []
  await rm(folder, { recursive: true, force: true })
})

const start = async (env: Record<string, string> = {}) => {
  const platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '0', ...env })
  running.push(platform)
  return platform
}

/** Readings of one lamp, each acknowledged by the broker. */
async function publish(platform: PlatformProcess, times: readonly number[]): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
    protocolVersion: 4,
    username: 'admin',
    password: platform.adminToken,
  })
  const topic = 'city/v1/tay-ninh/lighting/lamp-test/reading'
  for (const ts of times) await client.publishAsync(topic, JSON.stringify({ ts, powerState: 'on' }), { qos: 1 })
  await client.endAsync()
}

async function stored(platform: PlatformProcess): Promise<number[]> {
  const path = '/api/v1/sensors/lamp-test/history?value=powerState&window=raw&from=2026-11-01T00:00:00Z'
  const answer = await fetch(platform.url + path, { headers: { authorization: `Bearer ${platform.adminToken}` } })
  return historyResponse.parse(await answer.json()).points.map(({ ts }) => ts)
}

const times = Array.from({ length: 50 }, (_, i) => Date.UTC(2026, 10, 20) + i * 1_000)

describe('npm start', () => {
  it('stops on Ctrl-C with exit code 0, and the next start goes on with the same data', async () => {
    const first = await start()
    await publish(first, times)
    expect(await first.stop('SIGINT')).toBe(0)
    const second = await start()
    expect(second.adminToken).toBe(first.adminToken)
    expect(second.loginUrl).not.toBe(first.loginUrl)
    expect(await stored(second)).toEqual(times)
  })

  it('keeps what it acknowledged when it is killed', async () => {
    const first = await start()
    await publish(first, times)
    await first.stop('SIGKILL')
    const second = await start()
    const deadline = Date.now() + 30_000
    let found: number[] = []
    while (found.length < times.length && Date.now() < deadline) found = await stored(second).catch(() => [])
    expect(found).toEqual(times)
  })

  it('keeps secrets in files that only the owner reads', async () => {
    const platform = await start()
    const data = join(folder, 'data')
    expect((await stat(data)).mode & 0o077).toBe(0)
    expect((await stat(join(data, 'secrets.json'))).mode & 0o777).toBe(0o600)
    expect(platform.output()).not.toContain(platform.adminToken)
    expect(await readdir(data)).toEqual(expect.arrayContaining(['journal', 'nhip.duckdb', 'retained']))
  })

  it('gives an empty store the days of history asked for, once', async () => {
    const env = { SENSORS: '20', BACKFILL_DAYS: '1' }
    const count = async (platform: PlatformProcess) => {
      const headers = { authorization: `Bearer ${platform.adminToken}` }
      const answer = await fetch(`${platform.url}/api/v1/sensors?kind=lighting`, { headers })
      const id = sensorsResponse.parse(await answer.json()).features[0]?.id
      const query = 'value=activePower&window=1h&fn=count'
      const history = await fetch(`${platform.url}/api/v1/sensors/${id}/history?${query}`, { headers })
      // a full hour long before the start holds only the history
      return historyResponse.parse(await history.json()).points[5]?.value
    }
    const first = await start(env)
    expect(await count(first)).toBe(12)
    await first.stop('SIGTERM')
    expect(await count(await start(env))).toBe(12)
  })
})

describe('the live feed', () => {
  it('brings the readings of many sensors in one message, however small a packet of a sensor must be', async () => {
    const platform = await start({ MAX_PACKET_BYTES: '4096' })
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
      ...{ protocolVersion: 4, username: 'admin', password: platform.adminToken, reconnectPeriod: 0 },
    })
    const seen = new Set<string>()
    let largest = 0
    client.on('message', (_topic, payload) => {
      largest = Math.max(largest, payload.length)
      for (const { reading } of liveBatchSchema.parse(JSON.parse(payload.toString()))) seen.add(reading.sensor)
    })
    await client.subscribeAsync(liveFilter)
    const ids = Array.from({ length: 300 }, (_, i) => `lamp-${i}`)
    for (let ts = Date.now(); seen.size < ids.length || largest <= 4_096; ts++) {
      const payload = JSON.stringify({ ts, powerState: 'on', activePower: 90 })
      // what comes within 100 ms is one message; on a machine in a hurry it may take a few rounds
      await Promise.all(
        ids.map((id) => client.publishAsync(`city/v1/tay-ninh/lighting/${id}/reading`, payload, { qos: 1 })),
      )
    }
    const metrics = await fetch(`${platform.url}/metrics`, {
      headers: { authorization: `Bearer ${platform.adminToken}` },
    })
    expect(await metrics.text()).not.toContain('nhip_broker_refused_total{what="packet-size"}')
    await client.endAsync()
  })
})

describe('npm run quarantine', () => {
  it('tells which values a device is not measuring, from mosquitto_pub to the history, and refuses a word that says nothing', async () => {
    const platform = await start()
    const ts = Date.now() - 60_000
    const say = (message: object) =>
      run('mosquitto_pub', [
        ...['-p', String(platform.mqttPort), '-u', 'admin', '-P', platform.adminToken, '-q', '1'],
        ...['-t', 'city/v1/tay-ninh/air-quality/station-test/reading', '-m', JSON.stringify(message)],
      ])
    await say({ ts, pm25: 12, no2: 34, state: { no2: 'calibrating' } })
    await say({ ts: ts + 1, pm25: 13, no2: 35, state: 'measuring' })
    await say({ ts: ts + 2, pm25: 14, no2: 36, state: { pm25: 'broken' } })
    const ask = async (path: string) =>
      (await fetch(platform.url + path, { headers: { authorization: `Bearer ${platform.adminToken}` } })).json()
    const history = async (value: string) => {
      const answer = await ask(`/api/v1/sensors/station-test/history?value=${value}&window=raw`)
      return historyResponse.safeParse(answer).data?.points
    }
    await expect
      .poll(() => history('no2'), { timeout: 20_000 })
      .toEqual([
        { ts, value: 34, state: 'calibrating' },
        { ts: ts + 1, value: 35 },
        { ts: ts + 2, value: 36 },
      ])
    expect(await history('pm25')).toEqual([
      { ts, value: 12 },
      { ts: ts + 1, value: 13 },
    ])
    const refused = async () => quarantineResponse.parse(await ask('/api/v1/quarantine')).entries
    await expect
      .poll(refused, { timeout: 20_000 })
      .toMatchObject([
        { code: 'VALUE', faults: [{ path: 'state.pm25', code: 'NOT_ONE_OF', params: { found: '"broken"' } }] },
      ])
  })

  it('lists what did not validate, and gives it to the broker again', async () => {
    const platform = await start()
    await publish(platform, [Date.UTC(2050, 0, 1)])
    const command = (what: string, mqttPort = platform.mqttPort) =>
      startService(`quarantine ${what}`, {
        ...{ DATA_DIR: join(folder, 'data'), API_URL: platform.url },
        MQTT_PORT: String(mqttPort),
      })
    const untilListed = async (entries: number) => {
      for (const deadline = Date.now() + 30_000; ; ) {
        const list = command('list')
        expect(await list.exited).toBe(0)
        if (list.output().includes(`${entries} entries`)) return list.output()
        if (Date.now() > deadline) throw new Error(list.output())
      }
    }
    expect(await untilListed(1)).toMatch(/FUTURE {2}city\/v1\/tay-ninh\/lighting\/lamp-test\/reading {2}ts: 2050/)
    const replay = command('replay --code FUTURE')
    expect(await replay.exited).toBe(0)
    expect(replay.output()).toContain('1 messages given to the broker again')
    await untilListed(2)
    expect(await command('replay --code JSON').exited).toBe(0)
    expect(await command('nonsense').exited).toBe(1)
    const astray = command('replay', 1)
    expect(await astray.exited).toBe(1)
    expect(astray.output()).toMatch(/^nhip: MQTT_URL is "mqtt:\/\/127\.0\.0\.1:1": no broker takes messages there/)
  })
})

describe('npm start with TLS', () => {
  it('serves MQTT over TLS on HOST, and keeps what is plain on this machine', async () => {
    const authority = await makeAuthority()
    const { cert, key } = await authority.issue('localhost')
    const secure = { TLS_CERT: cert, TLS_KEY: key, MQTTS_PORT: '0', MQTT_WSS_PORT: '0' }
    const platform = await start({ ...secure, HOST: '0.0.0.0' })
    const [, port] = await platform.says(/with TLS on port (\d+), over WebSocket with TLS on port \d+/)
    const client = await mqtt.connectAsync(`mqtts://localhost:${port}`, {
      ...{ protocolVersion: 4, username: 'admin', password: platform.adminToken },
      ca: await readFile(authority.ca),
    })
    await client.endAsync()
    const { address } = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4') ?? { address: undefined }
    if (address) {
      const plain = connect(platform.mqttPort, address)
      const [error] = await once(plain, 'error')
      expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    }
    await authority.close()
  })
})

describe('npm run credentials', () => {
  const command = (what: string) => startService(`credentials ${what}`, { DATA_DIR: join(folder, 'data') })
  const says = async (what: string) => {
    const service = command(what)
    expect(await service.exited).toBe(0)
    return service.output()
  }
  const secretIn = (output: string) => /^lamp-a (\S{43})$/m.exec(output)?.[1] ?? ''
  const signIn = (platform: PlatformProcess, password: string) =>
    mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
      ...{ protocolVersion: 4, username: 'lamp-a', password, reconnectPeriod: 0 },
    })

  const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()))

  it('adds, rotates, lists and revokes while the platform runs', async () => {
    const first = secretIn(await says('add lamp-a lamp-b --district tay-ninh --kind lighting'))
    const platform = await start()
    const lamp = await signIn(platform, first)
    await lamp.publishAsync('city/v1/tay-ninh/lighting/lamp-a/reading', '{"ts":1763900000000,"powerState":"on"}', {
      qos: 1,
    })
    const rotated = closed(lamp)
    const second = secretIn(await says('rotate lamp-a'))
    await rotated
    await expect(signIn(platform, first)).rejects.toThrow(/Bad username or password/)
    const again = await signIn(platform, second)
    const revoked = closed(again)
    await says('revoke lamp-a')
    await revoked
    await expect(signIn(platform, second)).rejects.toThrow(/Bad username or password/)
    await says('add lan --role admin')
    await says('add lamp-c --district tay-ninh --kind lighting --certificate')
    const rotation = command('rotate lamp-c')
    expect(await rotation.exited).toBe(1)
    expect(rotation.output()).toContain('"lamp-c" signs in by its certificate')
    await platform.stop()
    const list = await says('list')
    expect(list).toMatch(/^lamp-b +sensor +tay-ninh +lighting +secret +20\S+Z +never$/m)
    expect(list).toMatch(/^lan +admin +secret/m)
    expect(list).toMatch(/^lamp-c +sensor +tay-ninh +lighting +certificate/m)
    expect(list).not.toContain('lamp-a')
    expect(list).not.toContain('scrypt')
  })

  it.each([
    ['', /add ID.*rotate ID/s],
    ['add lamp-a --kind lighting', /needs --district and --kind/],
    ['add lamp-a --district atlantis --kind lighting', /--district is "atlantis"; there are /],
    ['add lamp-a --district tay-ninh --kind weather', /--kind: /],
    ['add Lamp_A --district tay-ninh --kind lighting', /ID "Lamp_A" must be 1 to 64 lower-case/],
    ['add ingest --role admin', /ID "ingest" is the name of a service/],
    ['add lan --role boss', /--role: /],
    ['rotate lamp-a', /there is no "lamp-a"/],
    ['revoke', /which ID/],
    ['list --secret', /Unknown option/],
  ])('"%s" is answered with what is wrong, and nothing is written', async (what, fault) => {
    const service = command(what)
    expect(await service.exited).toBe(1)
    expect(service.output()).toMatch(fault)
    expect(await readdir(join(folder, 'data')).catch(() => [])).not.toContain('credentials.json')
  })
})

describe('a start that cannot be', () => {
  /** Starts, expects the end with exit code 1 and one line without a stack, and gives that line. */
  async function fault(env: Record<string, string>): Promise<string> {
    const service = startService(undefined, {
      ...{ DATA_DIR: join(folder, 'data'), HTTP_PORT: '0', MQTT_PORT: '0', MQTT_WS_PORT: '0', SENSORS: '0' },
      ...{ BACKFILL_DAYS: '0', ...env },
    })
    expect(await service.exited).toBe(1)
    const output = service.output().trim()
    expect(output).not.toContain('\n')
    return output
  }

  it.each(['HTTP_PORT', 'MQTT_PORT', 'MQTT_WS_PORT'])('names %s when that port is taken', async (variable) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    expect(await fault({ [variable]: String(port) })).toMatch(new RegExp(`${variable} is ${port}: .*taken`))
    server.close()
  })

  it('names DATA_DIR when the folder cannot be written', async () => {
    await writeFile(join(folder, 'file'), '')
    expect(await fault({ DATA_DIR: join(folder, 'file', 'data') })).toContain('DATA_DIR is "')
  })

  it('names a wrong variable, what it holds and what it may hold', async () => {
    const line = await fault({ STORE: 'postgres', SENSORS: 'many' })
    expect(line).toContain('STORE is "postgres": must be "duckdb" or "influxdb"')
    expect(line).toContain('SENSORS is "many": must be a whole number from 0 to 5000')
    expect(await fault({ ADMIN_TOKEN: 'short-secret' })).not.toContain('short-secret')
    expect(await fault({ STORE: 'influxdb' })).toContain('INFLUX_URL is missing')
    expect(await fault({ JOURNAL: 'nats' })).toContain('NATS_URL is missing')
  })

  it('refuses to listen without TLS beyond this machine, and names what is wrong with the files of TLS', async () => {
    expect(await fault({ HOST: '0.0.0.0' })).toMatch(/HOST is "0\.0\.0\.0": without TLS/)
    expect(await fault({ TLS_CERT: '/nowhere.crt', TLS_KEY: '/nowhere.key' })).toContain(
      'TLS_CERT is "/nowhere.crt": cannot read',
    )
    expect(await fault({ ALLOW_PLAINTEXT: 'yes' })).toContain('ALLOW_PLAINTEXT is "yes"')
  })

  it('names the file of credentials when it is damaged', async () => {
    await mkdir(join(folder, 'data'))
    await writeFile(join(folder, 'data', 'credentials.json'), '{"version":1,"credentials":{"lamp-a":{"role":"boss"}}}')
    expect(await fault({})).toMatch(/credentials\.json is damaged \(credentials\.lamp-a\.role: /)
  })

  it('says so when another process uses the data folder', async () => {
    await start()
    expect(await fault({})).toMatch(/DATA_DIR: another process uses/)
  })

  it('says so when the store was written by another version', async () => {
    await (await start()).stop()
    const path = join(folder, 'data', 'nhip.duckdb')
    const instance = await DuckDBInstance.create(path)
    const connection = await instance.connect()
    await connection.run('UPDATE layout SET version = 99')
    connection.closeSync()
    instance.closeSync()
    expect(await fault({})).toMatch(/nhip\.duckdb" has layout 99, this release reads 1/)
    await writeFile(path, 'this is no database')
    expect(await fault({})).toMatch(/DATA_DIR: the store .*another version/)
  })

  it('says so when the journal was written by another version', async () => {
    await (await start()).stop()
    const journal = new ClassicLevel(join(folder, 'data', 'journal'))
    await journal.put('a:version', '99')
    await journal.close()
    expect(await fault({})).toMatch(/DATA_DIR: the journal .* has version 99, this release reads 1/)
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertsResponse } from '#telemetry/alert-rest.ts'
import { sensorsResponse } from '#telemetry/rest.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import { type MachineClock, openMachineClock } from '../support/machine-clock.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'

const soon = { timeout: 30_000, interval: 50 }
/** ms that the clock goes ahead at once: a platform follows so little as when a clock is corrected */
const stepMs = 4_000
/** s for which neighbours fail together before that is told, and somewhat more */
const failingS = 122
const topic = (lamp: string, channel: string) => `city/v1/tay-ninh/lighting/${lamp}/${channel}`
const five = (name: string) => [1, 2, 3, 4, 5].map((number) => `${name}-${number}`)

/** Lamps at one cabinet, under the rules of a new installation, with a clock that is put ahead step by step. */
describe('lamps with a last will and no word of their return', { timeout: 180_000 }, () => {
  let folder: string
  let clock: MachineClock
  let platform: PlatformProcess
  let offMs: number
  const clients = new Map<string, MqttClient>()

  const connect = async (lamp: string) => {
    const { mqttPort, adminToken } = platform
    const client = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`, {
      ...{ protocolVersion: 4, clientId: lamp, username: 'admin', password: adminToken, reconnectPeriod: 0 },
      will: { topic: topic(lamp, 'status'), payload: Buffer.from('offline'), qos: 1, retain: true },
    })
    client.on('error', () => {})
    clients.set(lamp, client)
    return client
  }
  const read = async (path: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${platform.adminToken}` }
    return (await fetch(platform.url + path, { headers })).json()
  }
  const states = async (lamps: readonly string[]): Promise<SensorState[]> => {
    const { features } = sensorsResponse.parse(await read('/api/v1/sensors?kind=lighting'))
    return features.map(({ properties }) => properties).filter(({ id }) => lamps.includes(id))
  }
  const failing = async () => {
    const { alerts } = alertsResponse.parse(await read('/api/v1/alerts'))
    return alerts.filter(({ cause }) => cause === 'group').map(({ sensors }) => [...sensors].sort())
  }
  const report = async (lamps: readonly string[]) => {
    const ts = Date.now() + offMs
    const payload = JSON.stringify({ ts, powerState: 'on', activePower: 60 })
    for (const lamp of lamps) await clients.get(lamp)?.publishAsync(topic(lamp, 'reading'), payload, { qos: 1 })
    await expect
      .poll(async () => (await states(lamps)).every(({ reading }) => (reading?.ts ?? 0) >= ts), soon)
      .toBe(true)
  }
  const cut = async (lamps: readonly string[]) => {
    for (const lamp of lamps) clients.get(lamp)?.stream.destroy()
    await expect
      .poll(async () => (await states(lamps)).map(({ connection }) => connection), soon)
      .toEqual(lamps.map(() => 'offline'))
  }
  /** So much time passes, in which these lamps report every few seconds. */
  const pass = async (seconds: number, lamps: readonly string[]) => {
    for (const until = offMs + seconds * 1_000; offMs < until; ) {
      offMs += stepMs
      await clock.set(offMs)
      await report(lamps)
    }
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-wills-'))
    clock = await openMachineClock(folder)
    offMs = 0
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '0', ...clock.env })
    for (const [at, lamp] of [...five('lamp'), ...five('gone')].entries()) {
      const client = await connect(lamp)
      const name = { vi: `Đèn ${lamp}`, en: `Lamp ${lamp}` }
      const position = [at < 5 ? 106.1 + at / 5_000 : 106.15 + at / 5_000, 11.3]
      const meta = JSON.stringify({ name, position, period: 5 })
      await client.publishAsync(topic(lamp, 'meta'), meta, { qos: 1, retain: true })
    }
  })
  afterEach(async () => {
    for (const client of clients.values()) await client.endAsync(true)
    clients.clear()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('raise nothing after one short cut, while those that stay away do', async () => {
    await pass(20, [...five('lamp'), ...five('gone')])
    await cut([...five('lamp'), ...five('gone')])
    for (const lamp of five('lamp')) await connect(lamp)
    await pass(failingS, five('lamp'))
    await expect.poll(failing, soon).toEqual([five('gone')])
    await pass(failingS, five('lamp'))
    expect(await failing()).toEqual([five('gone')])
    expect((await states(five('lamp'))).map(({ connection }) => connection)).toEqual(five('lamp').map(() => 'online'))
  })
})

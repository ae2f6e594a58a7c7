import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { sensorsResponse } from '#telemetry/rest.ts'
import { freePort } from '../real/free-port.ts'
import { type Mosquitto, mosquittoInstalled, startMosquitto } from '../real/mosquitto.ts'
import { startTcpLine } from '../real/tcp-line.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { expectNothingLost, startBurst, untilCalm } from './burst.ts'

/** The platform behind mosquitto: sensors publish there, the bridge brings the readings in. */
describe.skipIf(!mosquittoInstalled() && !process.env.CI)(
  'behind an outside broker nothing acknowledged is lost when',
  { timeout: 180_000 },
  () => {
    let folder: string
    let mosquitto: Mosquitto
    let platform: PlatformProcess | undefined
    let httpPort: string
    const start = async (url = mosquitto.url, more: Record<string, string> = {}) => {
      const env = { DATA_DIR: join(folder, 'data'), SENSORS: '0', HTTP_PORT: httpPort, MQTT_URL: url, ...more }
      platform = await startPlatform(env)
      return platform
    }
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'nhip-bridge-'))
      mosquitto = await startMosquitto()
      httpPort = String(await freePort())
    })
    afterEach(async () => {
      await platform?.stop('SIGKILL')
      platform = undefined
      await mosquitto.close()
      await rm(folder, { recursive: true, force: true })
    })
    const connected = async () => {
      const answer = await fetch(`${platform?.url}/metrics`)
      return Number(/^nhip_bridge_connected (\d)/m.exec(await answer.text())?.[1])
    }
    const begin = async () => {
      // mosquitto keeps readings for the bridge from its first subscription on
      await expect.poll(connected, { timeout: 30_000 }).toBe(1)
      const burst = await startBurst({ port: mosquitto.port, password: 'not asked for' })
      await burst.more(500)
      return burst
    }
    /** Waits until what mosquitto still holds for the bridge has come over. */
    const untilBrought = async () => {
      const journaled = async () => {
        const text = await (await fetch(`${platform?.url}/metrics`)).text()
        return ['nhip_bridge_held_bytes', 'nhip_ingest_held_readings'].map((name) =>
          Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1]),
        )
      }
      await untilCalm(journaled)
    }
    const prove = async (burst: Awaited<ReturnType<typeof begin>>) => {
      await burst.more(500)
      await burst.stop()
      // before the platform is stopped and its file is read
      await untilBrought()
      expect(await platform?.stop()).toBe(0)
      const store = await openDuckdbStore({ path: join(folder, 'data', 'nhip.duckdb'), log: pino({ level: 'silent' }) })
      await expectNothingLost(store, burst)
      await store.close()
    }

    it('the bridge is killed and started again', async () => {
      await start()
      const burst = await begin()
      await platform?.stop('SIGKILL')
      await burst.more(1_000)
      await start()
      await prove(burst)
    })

    it('the bridge is asked to stop and started again', async () => {
      await start()
      const burst = await begin()
      expect(await platform?.stop('SIGTERM')).toBe(0)
      await start()
      await prove(burst)
    })

    it('the network between mosquitto and the bridge is cut and healed', async () => {
      const line = await startTcpLine(mosquitto.port)
      await start(`mqtt://127.0.0.1:${line.port}`)
      const burst = await begin()
      for (let cut = 0; cut < 3; cut++) {
        line.cut()
        await burst.more(300)
        line.heal()
        await burst.more(300)
      }
      await prove(burst)
      await line.close()
    })

    // it acknowledges before it writes: what it holds when it is killed may be gone, whatever the bridge does
    it('mosquitto is killed when it has handed on what it acknowledged, and started again', async () => {
      await start()
      const burst = await begin()
      await burst.pause()
      await untilBrought()
      await mosquitto.stop('SIGKILL')
      burst.resume()
      await mosquitto.start()
      await prove(burst)
    })

    it.each([
      ['by a subscription of its own', {}],
      ['by a shared subscription', { BRIDGE_SHARE_GROUP: 'nhip' }],
    ])('shows the sensors of the outside broker as it does its own, %s', async (_how, group) => {
      const { url, adminToken } = await start(mosquitto.url, { SENSORS: '20', ...group })
      const fresh = async () => {
        const answer = await fetch(`${url}/api/v1/sensors`, { headers: { authorization: `Bearer ${adminToken}` } })
        const { features } = sensorsResponse.parse(await answer.json())
        return features.filter(({ properties }) => properties.reading && properties.connection === 'online').length
      }
      await expect.poll(fresh, { timeout: 60_000 }).toBe(20)
    })
  },
)

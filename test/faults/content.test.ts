import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ledgerLine } from '#telemetry/ledger.ts'
import { quarantineResponse } from '#telemetry/quarantine-rest.ts'
import { influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { natsInstalled, startNatsServer } from '../real/nats-server.ts'
import { type PlatformProcess, startPlatform, startService } from '../support/platform-process.ts'
import { type ContentMessage, contentFaults, contentTopic, goodMessages } from './content-messages.ts'

const journals = ['local', 'nats']
const stores = ['duckdb', 'influxdb']

describe.each(journals.flatMap((journal) => stores.map((store) => ({ journal, store }))))(
  'what messages hold, with the journal $journal and the store $store',
  ({ journal, store }) => {
    const isMissing = (journal === 'nats' && !natsInstalled()) || (store === 'influxdb' && !influxdInstalled())
    let folder: string
    let env: Record<string, string> & { DATA_DIR: string }
    let platform: PlatformProcess | undefined
    const opened: { close(): Promise<unknown> }[] = []
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'nhip-content-'))
      env = { DATA_DIR: join(folder, 'data'), SENSORS: '0' }
      if (isMissing) return
      if (journal === 'nats') {
        const server = await startNatsServer()
        opened.push(server)
        env = { ...env, JOURNAL: 'nats', NATS_URL: server.url }
      }
      if (store === 'influxdb') {
        const influxd = await startInfluxd()
        opened.push(influxd)
        env = { ...env, STORE: 'influxdb', INFLUX_URL: influxd.url }
      }
    })
    afterEach(async () => {
      await platform?.stop('SIGKILL')
      platform = undefined
      for (const each of opened.splice(0)) await each.close()
      await rm(folder, { recursive: true })
    })

    const ledger = () => join(folder, 'ledger.tsv')
    const start = async () => {
      platform = await startPlatform(env)
      return platform
    }
    const publish = async ({ mqttPort, adminToken }: PlatformProcess, messages: readonly ContentMessage[]) => {
      const login = { username: 'admin', password: adminToken, protocolVersion: 4 } as const
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, login)
      const lines: string[] = []
      await Promise.all(
        messages.map(async ({ sensor, payload, times }) => {
          await client.publishAsync(contentTopic(sensor), payload, { qos: 1 })
          const at = Date.now()
          for (const ts of times) lines.push(ledgerLine({ event: 'acked', kind: 'air-quality', sensor, ts, at }))
        }),
      )
      await client.endAsync()
      return lines
    }
    const ask = async ({ url, adminToken }: PlatformProcess, path: string): Promise<unknown> => {
      const answer = await fetch(`${url}/api/v1/${path}`, { headers: { authorization: `Bearer ${adminToken}` } })
      return answer.json()
    }
    /** The command gives a message to the broker again as it was sent. */
    const expectReplayed = async ({ url, mqttPort, adminToken }: PlatformProcess, sent: ContentMessage | undefined) => {
      const login = { username: 'admin', password: adminToken, protocolVersion: 4 } as const
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, login)
      const heard: string[] = []
      client.on('message', (_topic, message) => heard.push(message.toString()))
      const topic = contentTopic(sent?.sensor ?? '')
      await client.subscribeAsync(topic)
      const command = startService(`quarantine replay --topic ${topic}`, {
        ...{ API_URL: url, ADMIN_TOKEN: adminToken, MQTT_URL: `mqtt://127.0.0.1:${mqttPort}` },
      })
      expect(await command.exited).toBe(0)
      await expect.poll(() => heard, { timeout: 30_000 }).toEqual([sent?.payload])
      await client.endAsync()
    }
    const audit = async () => {
      const command = startService(`audit --ledger ${ledger()}`, env)
      return { code: await command.exited, output: command.output() }
    }

    it.skipIf(isMissing && !process.env.CI)(
      'takes nothing of another sensor, also when the platform is killed; what is refused and not kept is told as that',
      async () => {
        const base = Date.now() - 600_000
        const faults = contentFaults(base, 200)
        const good = goodMessages(base, 50)
        const first = await start()
        // good and bad ones side by side, in the same blocks
        const mixed = faults.flatMap((fault, n) => [fault, ...good.slice(n, n + 1)]).concat(good.slice(faults.length))
        const lines = await publish(first, mixed)
        await writeFile(ledger(), `${lines.join('\n')}\n`)
        await first.stop('SIGKILL')
        const again = await start()
        const history = async (sensor: string, value: string) =>
          (await ask(
            again,
            `sensors/${sensor}/history?value=${value}&window=raw&from=${base - 1}&to=${base + 100_000}`,
          )) as {
            points?: { value: number }[]
          }
        const torn = faults.find(({ sensor }) => sensor === 'torn')
        const entries = async () => quarantineResponse.parse(await ask(again, 'quarantine?limit=1000')).entries
        const eventually = { timeout: 60_000 }
        for (let n = 0; n < 8; n++)
          await expect.poll(async () => (await history(`good-${n}`, 'pm25')).points?.length, eventually).toBe(50)
        for (const [value, is] of [
          ['pm25', 2],
          ['temperature', 30],
          ['pm10', 3],
        ] as const)
          await expect
            .poll(async () => (await history('united', value)).points, eventually)
            .toMatchObject([{ value: is }])
        await expect.poll(async () => (await history('stray', 'pm25')).points?.length, eventually).toBe(300)
        // whole, and so to be given again by the command
        await expect
          .poll(async () => (await entries()).find(({ topic }) => topic === contentTopic('torn'))?.payload, eventually)
          .toBe(torn?.payload)
        await expect.poll(async () => (await entries()).some(({ code }) => code === 'NOT_KEPT'), eventually).toBe(true)
        await expectReplayed(again, torn)
        expect(await again.stop()).toBe(0)
        const { code, output } = await audit()
        expect(output).toContain('nothing is missing, nothing is doubled')
        expect(output).toMatch(/\d+ readings refused, not kept: /)
        expect(code).toBe(0)
      },
      180_000,
    )
  },
)

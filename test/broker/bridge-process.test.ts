import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { storeConsumer } from '#journal/journal.ts'
import { openNatsJournal } from '#journal/nats/nats-journal.ts'
import { numbersOf, readAll, silent, until } from '../journal/journal-parts.ts'
import { freePort } from '../real/free-port.ts'
import { type Mosquitto, mosquittoInstalled, startMosquitto } from '../real/mosquitto.ts'
import { type NatsServer, natsInstalled, startNatsServer } from '../real/nats-server.ts'
import { type ServiceProcess, startService } from '../support/platform-process.ts'

const topic = 'city/v1/tay-ninh/lighting/lamp-1/reading'
const installed = mosquittoInstalled() && natsInstalled()

describe.skipIf(!installed && !process.env.CI)('the bridge as a process of its own', () => {
  let folder: string
  let mosquitto: Mosquitto
  let nats: NatsServer
  let port: number
  let bridge: ServiceProcess | undefined

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-bridge-'))
    mosquitto = await startMosquitto()
    nats = await startNatsServer()
    port = await freePort()
  })
  afterEach(async () => {
    await bridge?.stop('SIGKILL')
    await mosquitto.close()
    await nats.close()
    await rm(folder, { recursive: true })
  })

  const env = () => ({
    ...{ DATA_DIR: join(folder, 'data'), JOURNAL: 'nats', NATS_URL: nats.url },
    ...{ MQTT_URL: mosquitto.url, METRICS_PORT: String(port) },
  })
  const metric = async (name: string) => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1])
  }
  const start = async () => {
    const service = startService('bridge', env())
    bridge = service
    await service.says(/nhip bridge: from 127\.0\.0\.1:\d+ to the journal/)
    await until('the bridge is there', async () => (await metric('nhip_bridge_connected')) === 1)
    return service
  }

  it('is killed in the middle of a burst, and misses nothing once it is started again', async () => {
    const first = await start()
    const client = await connectAsync(mosquitto.url, { protocolVersion: 4 })
    const publish = (number: number) => client.publishAsync(topic, `${number} `.padEnd(100, '.'), { qos: 1 })
    const numbers = Array.from({ length: 3_000 }, (_, number) => number)
    const early = numbers.slice(0, 1_000).map(publish)
    await until('some in the journal', async () => (await metric('nhip_bridge_journaled_total')) > 0)
    await first.stop('SIGKILL')
    await Promise.all([...early, ...numbers.slice(1_000).map(publish)])
    await client.endAsync()
    const second = await start()
    const journal = await openNatsJournal({ url: nats.url, consumers: [storeConsumer], maxBytes: 1e8, log: silent })
    let found = new Set<number>()
    await until('all in the journal', async () => {
      found = new Set(numbersOf(await readAll(journal)))
      return found.size >= numbers.length
    }).catch(() => {}) // the comparison says which are missing
    await journal.close()
    expect([...found].sort((a, b) => a - b)).toEqual(numbers)
    // the journal is watched here too: nobody else does it where there is no broker of our own
    expect(await metric('nhip_journal_max_bytes')).toBeGreaterThan(0)
    expect(await second.stop('SIGTERM')).toBe(0)
  })

  it('does not start on a journal that others cannot share', async () => {
    const service = startService('bridge', { ...env(), JOURNAL: 'local' })
    bridge = service
    expect(await service.exited).toBe(1)
    expect(service.output()).toContain('JOURNAL is "local"')
  })
})

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { expect, it } from 'vitest'
import { checkLedgers } from '#storage/ledger-check/ledger-check.ts'
import { ledgerLine } from '#telemetry/ledger.ts'
import { quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import { startService } from '../support/platform-process.ts'
import { describeLosses } from './faulty-services.ts'

/** InfluxDB hangs, refuses or is away in the middle of a burst. */
describeLosses((parts) => {
  it('influxd is frozen until a write is given up', async () => {
    process.kill(parts.services.influxd.pid, 'SIGSTOP')
    try {
      const before = parts.influx.givenUp
      await expect.poll(() => parts.influx.givenUp, { timeout: 60_000 }).toBeGreaterThan(before)
    } finally {
      process.kill(parts.services.influxd.pid, 'SIGCONT')
    }
    await parts.prove()
  })

  it.each([503, 500])('InfluxDB answers %i for a while', async (status) => {
    parts.influx.fault = { kind: 'answer', status }
    await parts.meetFaults(2)
    parts.influx.fault = { kind: 'none' }
    await parts.prove()
  })

  it('InfluxDB answers 429 with Retry-After for a while: it is asked no sooner than it says', async () => {
    parts.influx.fault = { kind: 'answer', status: 429, headers: { 'retry-after': '2' } }
    await parts.meetFaults(2)
    const [first = 0, second = 0] = parts.influx.faultsAt.slice(-2)
    // the first tries without it come 0.1 s and 0.4 s apart at the most
    expect(second - first).toBeGreaterThan(1_900)
    parts.influx.fault = { kind: 'none' }
    await parts.prove()
  })

  it('InfluxDB is away: the live feed goes on as if nothing were, and the store catches up', async () => {
    const { sensors: shown, close } = await parts.watchScreens()
    parts.influx.fault = { kind: 'answer', status: 503 }
    await parts.meetFaults(2)
    // every sensor goes on appearing while nothing at all can be stored
    shown.clear()
    const stored = await parts.store.count('lighting')
    await expect.poll(() => [...shown.values()].filter((times) => times >= 20).length, { timeout: 60_000 }).toBe(20)
    expect(await parts.store.count('lighting')).toBe(stored)
    parts.influx.fault = { kind: 'none' }
    await close()
    await parts.prove()
  })

  it('InfluxDB cuts the connection half-way through a write', async () => {
    parts.influx.fault = { kind: 'cut' }
    await parts.meetFaults(3)
    parts.influx.fault = { kind: 'none' }
    await parts.prove()
  })

  it('InfluxDB refuses one line for its content: that one goes to quarantine with its words', async () => {
    parts.influx.fault = { kind: 'reject', text: 'sensor=refused' }
    const client = await connectAsync(`mqtt://127.0.0.1:${parts.services.mqttPort}`, {
      ...{ username: 'admin', password: parts.services.adminToken, protocolVersion: 4 },
    })
    const topic = 'city/v1/tay-ninh/lighting/refused/reading'
    const ts = Date.now()
    await client.publishAsync(topic, JSON.stringify({ ts, powerState: 'on' }), { qos: 1 })
    await client.endAsync()
    await parts.prove()
    const entries = async () => {
      const events = await parts.store.readEvents({ stream: 'quarantine', limit: 100 })
      return events.map(({ body }) => quarantinedSchema.parse(body))
    }
    const refused = { topic, code: 'STORE', reason: expect.stringContaining('a line of the test') }
    await expect.poll(entries, { timeout: 60_000 }).toMatchObject([refused])
    const ledger = join(parts.folder, 'ledger.tsv')
    const acknowledged = ledgerLine({ event: 'acked', kind: 'lighting', sensor: 'refused', ts, at: Date.now() })
    await writeFile(ledger, `${acknowledged}\n`)
    const total = async () => (await checkLedgers({ ledgers: [ledger], store: parts.store })).total
    expect(await total()).toMatchObject({ stored: 0, missing: 0, refused: 1 })
    // once what was wrong is mended, one command brings it to the store
    parts.influx.fault = { kind: 'none' }
    await parts.services.start('api')
    const replay = startService('quarantine replay --code STORE', {
      ...{ API_URL: parts.services.url, ADMIN_TOKEN: parts.services.adminToken },
      MQTT_URL: `mqtt://127.0.0.1:${parts.services.mqttPort}`,
    })
    expect(await replay.exited).toBe(0)
    await expect.poll(total, { timeout: 60_000 }).toMatchObject({ stored: 1, missing: 0, refused: 0 })
    await parts.services.kill('api')
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { HealthFaults } from '#telemetry/health-faults.ts'
import { sensorTopic } from '#telemetry/topics.ts'
import { startTestAlerts } from '../alerts/alerts-parts.ts'
import { silent } from '../journal/journal-parts.ts'
import { freePort } from '../real/free-port.ts'
import { startPlatform } from '../support/platform-process.ts'
import { openServices, type Services, servicesInstalled } from '../support/services.ts'

const patience = { timeout: 60_000, interval: 200 }

/** alerts as a process of its own, with a real broker and a real influxd that come and go. */
describe.skipIf(!servicesInstalled())('readiness of alerts', () => {
  let services: Services
  let port: number

  const ready = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`)
    return { status: answer.status, ...((await answer.json()) as object) }
  }
  const well = { status: 200, ready: true, faults: [] }
  const wrong = (...faults: string[]) => ({ status: 503, ready: false, faults })
  const startAlerts = () => services.start('alerts', { env: { METRICS_PORT: String(port) } })

  beforeEach(async () => {
    services = await openServices()
    port = await freePort()
  })
  afterEach(() => services.close())

  it('tells when it hears nothing, because the broker is away, and when it does again', async () => {
    await startAlerts()
    await expect.poll(ready, patience).toEqual(wrong('ALERTS_NOT_WATCHING'))
    await services.start('broker')
    await expect.poll(ready, patience).toEqual(well)
    await services.kill('broker')
    await expect.poll(ready, patience).toEqual(wrong('ALERTS_NOT_WATCHING'))
    await services.start('broker')
    await expect.poll(ready, patience).toEqual(well)
  })

  it('tells when it cannot begin, because the store went away before', async () => {
    await services.start('broker')
    const store = await openInfluxdbStore({ url: services.influxd.url, bucket: 'nhip', log: silent })
    await services.influxd.stop()
    const faults = new HealthFaults()
    const mqtt = { url: `mqtt://127.0.0.1:${services.mqttPort}`, username: 'admin', password: services.adminToken }
    const alerts = await startTestAlerts(store, services.mqttPort, { mqtt, faults })
    try {
      await expect.poll(() => faults.now, patience).toEqual(['ALERTS_NOT_WATCHING'])
      await services.restartInfluxd()
      await expect.poll(() => faults.now, patience).toEqual([])
    } finally {
      await alerts.close()
      await store.close()
    }
    expect(faults.now).toEqual([])
  })

  it('tells when the store takes nothing of it any more, and when it does again', async () => {
    await services.start('broker')
    await startAlerts()
    await expect.poll(ready, patience).toEqual(well)

    await services.influxd.stop()
    const sensor = await connectAsync(`mqtt://127.0.0.1:${services.mqttPort}`, {
      ...{ username: 'admin', password: services.adminToken, protocolVersion: 4 },
    })
    const topic = sensorTopic({ district: 'tay-ninh', kind: 'lighting', sensor: 'lamp-1', channel: 'status' })
    await sensor.publishAsync(topic, 'offline', { qos: 1 })
    await sensor.endAsync()
    await expect.poll(ready, patience).toEqual(wrong('STORE_WRITE'))
    await services.restartInfluxd()
    await expect.poll(ready, patience).toEqual(well)
  })
})

it('readiness of all in one tells when alerts hears nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-readiness-'))
  // an outside broker that is away
  const MQTT_URL = `mqtt://127.0.0.1:${await freePort()}`
  const platform = await startPlatform({ DATA_DIR: folder, SENSORS: '0', LOG_LEVEL: 'silent', MQTT_URL })
  try {
    const faults = async () =>
      ((await (await fetch(`${platform.url}/health/ready`)).json()) as { faults: string[] }).faults
    await expect.poll(faults, patience).toEqual(['ALERTS_NOT_WATCHING'])
  } finally {
    await platform.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
})

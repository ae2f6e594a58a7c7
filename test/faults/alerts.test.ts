import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Alert } from '#telemetry/alert.ts'
import type { AlertsResponse } from '#telemetry/alert-rest.ts'
import type { AlertRule } from '#telemetry/alert-rule.ts'
import { sensorTopic } from '#telemetry/topics.ts'
import { dustRule } from '../alerts/alerts-parts.ts'
import { until } from '../api/api-parts.ts'
import { openServices, type Services, servicesInstalled } from '../support/services.ts'

const stations = Array.from({ length: 60 }, (_, at) => `station-${at}`)
const [early, late] = [stations.slice(0, 30), stations.slice(30)]
const patience = { timeout: 60_000, interval: 200 }

/** Every service a process, with NATS and InfluxDB; stations report each 200 ms. */
describe.skipIf(!servicesInstalled())('no alert is lost, doubled or forgotten when', () => {
  let services: Services
  let sensors: MqttClient
  let reporting: NodeJS.Timeout
  const dusty = new Set<string>()
  const startedAt = Date.now()

  const report = () => {
    for (const sensor of stations) {
      const topic = sensorTopic({ district: 'tay-ninh', kind: 'air-quality', sensor, channel: 'reading' })
      sensors.publish(topic, JSON.stringify({ ts: Date.now(), pm25: dusty.has(sensor) ? 200 : 20 }), { qos: 1 })
    }
  }
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<{ status: number; json: T }> => {
    const answer = await fetch(`${services.url}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${services.adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, json: (text === '' ? {} : JSON.parse(text)) as T }
  }
  const open = async (): Promise<Alert[]> => (await ask<AlertsResponse>('GET', 'alerts?limit=1000')).json.alerts
  const untilOpen = async (wanted: readonly string[]): Promise<Alert[]> => {
    await expect
      .poll(async () => (await open()).flatMap((alert) => alert.sensors).sort(), patience)
      .toEqual([...wanted].sort())
    return open()
  }
  const untilWatching = () =>
    until('alerts to watch', async () => (await ask<AlertsResponse>('GET', 'alerts')).json.watching)

  beforeAll(async () => {
    services = await openServices()
    for (const name of ['broker', 'ingest', 'alerts', 'api'] as const) await services.start(name)
    await untilWatching()
    const { json } = await ask<{ rules: AlertRule[] }>('GET', 'alert-rules')
    for (const { id } of json.rules) await ask('DELETE', `alert-rules/${id}`)
    await ask('POST', 'alert-rules', { id: 'dust', rule: dustRule })
    sensors = await connectAsync(`mqtt://127.0.0.1:${services.mqttPort}`, {
      ...{ username: 'admin', password: services.adminToken, protocolVersion: 4 },
    })
    reporting = setInterval(report, 200)
  })
  afterAll(async () => {
    clearInterval(reporting)
    await sensors?.endAsync()
    await services?.close()
  })

  it('alerts is killed in the middle of a flood', async () => {
    for (const sensor of early) dusty.add(sensor)
    const first = await untilOpen(early)
    const ids = first.slice(0, 10).map(({ id }) => id)
    expect((await ask('POST', 'alerts/acknowledge', { ids, comment: 'trước khi mất' })).status).toBe(200)
    for (const sensor of late) dusty.add(sensor)
    await services.kill('alerts')
    expect((await ask('POST', 'alerts/acknowledge', { ids, comment: 'không ai nghe' })).status).toBe(503)
    await services.start('alerts')
    await untilWatching()
    const all = await untilOpen(stations)
    for (const { id } of first) expect(all.map((alert) => alert.id)).toContain(id)
    for (const id of ids)
      expect(all.find((alert) => alert.id === id)?.acknowledged).toMatchObject({
        by: 'admin',
        comment: 'trước khi mất',
      })
  })

  it('sensors recover while alerts is away', async () => {
    await services.kill('alerts')
    for (const sensor of early) dusty.delete(sensor)
    await services.start('alerts')
    await expect
      .poll(async () => (await open()).filter(({ clearedAt }) => clearedAt === undefined).length, patience)
      .toBe(late.length)
    expect((await open()).filter(({ acknowledged }) => acknowledged)).toEqual([])
  })

  it('the api is killed', async () => {
    const before = (await open()).map(({ id }) => id).sort()
    await services.kill('api')
    await services.start('api')
    await untilWatching()
    expect((await open()).map(({ id }) => id).sort()).toEqual(before)
  })

  it('the broker is killed', async () => {
    const before = (await open()).map(({ id }) => id).sort()
    await services.kill('broker')
    await services.start('broker')
    await untilWatching()
    await expect.poll(async () => (await open()).map(({ id }) => id).sort(), patience).toEqual(before)
  })

  it('the store is killed, and the history holds every alert once', async () => {
    await services.restartInfluxd()
    for (const sensor of late) dusty.delete(sensor)
    await expect.poll(async () => (await open()).every(({ clearedAt }) => clearedAt !== undefined), patience).toBe(true)
    const ids = (await open()).map(({ id }) => id)
    await expect
      .poll(async () => (await ask('POST', 'alerts/acknowledge', { ids, comment: 'xong' })).status, patience)
      .toBe(200)
    await expect.poll(open, patience).toEqual([])
    const history = async () => {
      const { json } = await ask<AlertsResponse>('GET', `alerts?from=${startedAt}&limit=1000`)
      return (json.alerts ?? []).flatMap((alert) => (alert.closedAt === undefined ? [] : alert.sensors)).sort()
    }
    await expect.poll(history, patience).toEqual([...stations].sort())
  })
})

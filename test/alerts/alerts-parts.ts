import mqtt, { type MqttClient } from 'mqtt'
import { Registry } from 'prom-client'
import { io, type Socket } from 'socket.io-client'
import { type Alerts, startAlerts } from '#alerts/alerts.ts'
import type { AlertsOptions } from '#alerts/options.ts'
import type { Api } from '#api/api.ts'
import { type Alert, mergeAlerts } from '#telemetry/alert.ts'
import type { AlertsResponse } from '#telemetry/alert-rest.ts'
import type { AlertRule, AlertRuleDraft } from '#telemetry/alert-rule.ts'
import type { ClientEvents, LiveReading, ServerEvents } from '#telemetry/live.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import { liveTopic, sensorTopic } from '#telemetry/topics.ts'
import { adminToken, get, type TestStore, until } from '../api/api-parts.ts'
import { testPassword } from '../broker/raw-mqtt.ts'
import { silent } from '../journal/journal-parts.ts'

/** Starts alerts on a broker of {@link startTestBroker}. */
export function startTestAlerts(
  store: TestStore['store'],
  port: number,
  given: Partial<AlertsOptions> = {},
): Promise<Alerts> {
  return startAlerts({
    store,
    mqtt: { url: `mqtt://127.0.0.1:${port}`, username: 'alerts', password: testPassword },
    districts: [],
    notify: { language: 'vi', timeZone: 'Asia/Ho_Chi_Minh' },
    registry: new Registry(),
    log: silent,
    ...given,
  })
}

/** Sensors and ingest in one: an admin of the broker who says who there is and what was measured. */
export class City {
  readonly #mqtt: MqttClient

  private constructor(client: MqttClient) {
    this.#mqtt = client
  }

  static async connect(port: number): Promise<City> {
    const options = { protocolVersion: 4, username: 'admin', password: testPassword } as const
    return new City(await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, options))
  }

  /** An air station or lamp says who it is. */
  async introduce(of: Pick<Reading, 'kind' | 'district' | 'sensor'>, given: Partial<SensorMeta> = {}): Promise<void> {
    const name = { vi: `Cảm biến ${of.sensor}`, en: `Sensor ${of.sensor}` }
    const meta: SensorMeta = { name, position: [106.1, 11.3], ward: 'tan-ninh', period: 60, ...given }
    await this.#mqtt.publishAsync(sensorTopic({ ...of, channel: 'meta' }), JSON.stringify(meta), {
      qos: 1,
      retain: true,
    })
  }

  /** A sensor is taken away: what it said of itself is no longer retained. */
  async remove(of: Pick<Reading, 'kind' | 'district' | 'sensor'>): Promise<void> {
    await this.#mqtt.publishAsync(sensorTopic({ ...of, channel: 'meta' }), '', { qos: 1, retain: true })
  }

  /** A sensor says whether it is connected. */
  async say(of: Pick<Reading, 'kind' | 'district' | 'sensor'>, connection: 'online' | 'offline'): Promise<void> {
    await this.#mqtt.publishAsync(sensorTopic({ ...of, channel: 'status' }), connection, { qos: 1, retain: true })
  }

  /** Readings of one district come through ingest. */
  async measure(readings: readonly Reading[]): Promise<void> {
    const batch: LiveReading[] = readings.map((reading) => ({ reading, arrivedAt: Date.now() }))
    await this.#mqtt.publishAsync(liveTopic(readings[0]?.district ?? 'tay-ninh'), JSON.stringify(batch), { qos: 1 })
  }

  async close(): Promise<void> {
    await this.#mqtt.endAsync()
  }
}

/** A reading of an air station. */
export function dust(pm25: number, sensor = 'station-1', ts = Date.now()): Reading {
  return { kind: 'air-quality', district: 'tay-ninh', sensor, ts, values: { pm25 } }
}

/** A rule that is broken by PM2.5 above 100 µg/m³ at once. */
export const dustRule: AlertRuleDraft = {
  name: { vi: 'Bụi mịn cao', en: 'Dust high' },
  enabled: true,
  priority: 1,
  scope: { kind: 'air-quality' },
  condition: { type: 'threshold', value: 'pm25', above: 100, hysteresis: 10, forSeconds: 0 },
  notify: 'by-priority',
}

/** Sends JSON to the api as the admin. */
export function send(api: Api, method: string, path: string, body?: unknown): Promise<Response> {
  const headers = {
    authorization: `Bearer ${adminToken}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
  return fetch(api.url + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
}

/** Makes the dust rule the only one that is on. */
export async function onlyDust(api: Api): Promise<AlertRule> {
  const { rules } = (await (await get(api, '/api/v1/alert-rules')).json()) as { rules: AlertRule[] }
  for (const { id } of rules) await send(api, 'DELETE', `/api/v1/alert-rules/${id}`)
  return (await (await send(api, 'POST', '/api/v1/alert-rules', { id: 'dust', rule: dustRule })).json()) as AlertRule
}

export async function list(api: Api, query = ''): Promise<AlertsResponse> {
  return (await (await get(api, `/api/v1/alerts${query}`)).json()) as AlertsResponse
}

/** Waits until alerts answers this api. */
export function untilWatching(api: Api): Promise<unknown> {
  return until('alerts to watch', async () => (await list(api)).watching)
}

/** Waits until the api lists open alerts that pass. */
export function untilAlerts(api: Api, what: string, test: (alerts: Alert[]) => boolean): Promise<Alert[]> {
  return until(what, async () => {
    const { alerts } = await list(api, '?limit=1000')
    return test(alerts) ? alerts : undefined
  })
}

/** A browser's connection to the live feed, with the alerts it holds. */
export class Screen {
  readonly alerts = new Map<string, Alert>()
  readonly socket: Socket<ServerEvents, ClientEvents>
  /** messages about alerts */
  messages = 0

  constructor(api: Api) {
    this.socket = io(`${api.url}/live`, { auth: { token: adminToken }, transports: ['websocket'] })
    this.socket.on('alerts', ({ alerts }) => {
      this.messages += 1
      this.alerts.clear()
      for (const alert of alerts) this.alerts.set(alert.id, alert)
    })
    this.socket.on('alert', ({ events }) => {
      this.messages += 1
      mergeAlerts(
        this.alerts,
        events.map(({ alert }) => alert),
      )
    })
    this.socket.on('connect', () => this.socket.emit('subscribe', {}))
  }

  close(): void {
    this.socket.disconnect()
  }
}

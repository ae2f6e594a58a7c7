import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadCity } from '#city/city.ts'
import { valuesAt } from '#simulators/kinds/kinds.ts'
import { placeSensors } from '#simulators/placement.ts'
import type { SimulatedSensor } from '#simulators/sensor.ts'
import { readingsSchema } from '#telemetry/live.ts'
import { problemSchema } from '#telemetry/rest.ts'
import { sensorTopic } from '#telemetry/topics.ts'
import { until } from '../api/api-parts.ts'
import { filledValue, fillStore } from '../support/full-store.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { memoryOf } from './memory.ts'

const dayMs = 86_400_000
const now = Date.now()
const atOnce = 60
/** sensors, all of which report while the questions are asked */
const reporting = 100
/** ms after which an answer is surely out or cut: the api gives up a question after 15 s, however slow the machine */
const answeredMs = 60_000
/** MB that DuckDB's memory limit (512 MB) leaves for blocks that it reads under these questions, and keeps; it holds some before */
const duckdbGrowth = 400
/** MB that the platform may grow by under all these questions: by that, and by what sixty answers at once take */
const maxGrowth = duckdbGrowth + 300

/** What is asked of each route of the OpenAPI document, for as much as it gives, and what the first answer is. */
function questionsOf({ id, district, kind }: SimulatedSensor): Record<string, { url: string; status?: number }[]> {
  const year = `from=${now - 365 * dayMs}&to=${now}`
  const week = `from=${now - 7 * dayMs}&to=${now}`
  const plain = (path: string) => ({ [path]: [{ url: path }] })
  return {
    ...plain('/api/openapi.json'),
    ...plain('/api/v1/districts'),
    ...plain('/api/v1/map'),
    // there is none
    '/api/v1/base-map': [{ url: '/api/v1/base-map', status: 404 }],
    '/api/v1/roads': [{ url: `/api/v1/roads?kind=${kind}`, status: 404 }],
    ...plain('/api/v1/config'),
    ...plain('/api/v1/sensors'),
    '/api/v1/readings/latest': [{ url: `/api/v1/readings/latest?district=${district}` }],
    '/api/v1/sensors/{id}/history': [
      { url: `/api/v1/sensors/${id}/history?value=${filledValue(kind)}&window=1h&${year}` },
    ],
    '/api/v1/history/query': [
      { url: `/api/v1/history/query?kind=${kind}&values=${filledValue(kind)}&groupBy=ward&window=1d&${year}` },
    ],
    '/api/v1/figures/traffic': [{ url: `/api/v1/figures/traffic?groupBy=road&window=1d&${week}` }],
    '/api/v1/figures/lighting': [{ url: `/api/v1/figures/lighting?groupBy=ward&edges=hours&window=night&${week}` }],
    '/api/v1/figures/quality': [{ url: `/api/v1/figures/quality?groupBy=ward&window=1d&${week}` }],
    '/api/v1/sensors/{id}/quality': [{ url: `/api/v1/sensors/${id}/quality` }],
    ...plain('/api/v1/air-quality'),
    '/api/v1/figures/air-quality': [{ url: `/api/v1/figures/air-quality?groupBy=district&${week}` }],
    '/api/v1/figures/water-level': [{ url: `/api/v1/figures/water-level?groupBy=district&${week}` }],
    '/api/v1/replay': [{ url: `/api/v1/replay?from=${now - 1_800_000}&to=${now}` }],
    ...plain('/api/v1/replay/coverage'),
    ...plain('/api/v1/replay/days'),
    '/api/v1/quarantine': [{ url: '/api/v1/quarantine?limit=1000' }],
    ...plain('/api/v1/commands'),
    '/api/v1/lamps/overrides': [{ url: '/api/v1/lamps/overrides' }, { url: `/api/v1/lamps/overrides?at=${now}` }],
    '/api/v1/devices/diagnosis': [{ url: `/api/v1/devices/diagnosis?search=${id}` }],
    '/api/v1/alerts': [
      { url: '/api/v1/alerts?from=2000-01-02T00:00:00Z&limit=1' },
      { url: `/api/v1/alerts?${year}&by=nobody&sensor=air-3&limit=1000` },
    ],
    '/api/v1/alerts/{id}': [{ url: '/api/v1/alerts/bench7' }, { url: '/api/v1/alerts/nobodyknows', status: 404 }],
    ...plain('/api/v1/alert-rules'),
    ...plain('/api/v1/notifications'),
    ...plain('/api/v1/session'),
    ...plain('/health/live'),
    ...plain('/health/ready'),
    ...plain('/metrics'),
    ...plain('/api/v1/people'),
    ...plain('/api/v1/teams'),
    ...plain('/api/v1/assignees'),
    ...plain('/api/v1/keys'),
    '/api/v1/shift-log': [{ url: '/api/v1/shift-log?limit=500' }],
    '/api/v1/corrections': [{ url: '/api/v1/corrections?limit=500' }],
    '/api/v1/corrections/{id}': [{ url: '/api/v1/corrections/mkw0m0g0-3a4b5c6d7e8f', status: 404 }],
    ...plain('/api/v1/shift-log/snapshot'),
    ...plain('/api/v1/shift-log/hand-overs'),
    // there is none
    '/api/v1/shift-log/hand-overs/{id}': [{ url: '/api/v1/shift-log/hand-overs/mkw0m0g0-3a4b5c6d7e8f', status: 404 }],
    '/api/v1/trail': [{ url: '/api/v1/trail?limit=1000' }],
  }
}

/** Sensors that report in rounds, and a screen that watches them. */
class Rounds {
  readonly #mqtt: MqttClient
  readonly #live: Socket
  readonly #sensors: readonly SimulatedSensor[]
  readonly #seen = new Map<string, number>()
  #ts = now
  /** live batches so far */
  batches = 0

  private constructor(client: MqttClient, live: Socket, sensors: readonly SimulatedSensor[]) {
    this.#mqtt = client
    this.#live = live
    this.#sensors = sensors
    live.on('readings', (sent: unknown) => {
      this.batches += 1
      for (const { reading } of readingsSchema.parse(sent).readings) this.#seen.set(reading.sensor, reading.ts)
    })
  }

  static async begin(platform: PlatformProcess, sensors: readonly SimulatedSensor[]): Promise<Rounds> {
    const password = platform.adminToken
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, { username: 'admin', password })
    const live = io(`${platform.url}/live`, { auth: { token: password }, transports: ['websocket'], forceNew: true })
    await new Promise((resolve) => live.once('snapshot', resolve).once('connect', () => live.emit('subscribe', {})))
    return new Rounds(client, live, sensors)
  }

  /** Each sensor reports once; resolves when the screen has all of them. */
  async next(): Promise<void> {
    this.#ts = Math.max(this.#ts + 1, Date.now())
    const ts = this.#ts
    await Promise.all(
      this.#sensors.map((sensor) =>
        this.#mqtt.publishAsync(
          sensorTopic({ ...sensor, sensor: sensor.id, channel: 'reading' }),
          JSON.stringify({ ts, ...valuesAt(sensor, ts, 1) }),
          { qos: 1 },
        ),
      ),
    )
    await until('the round to be live', () => this.#sensors.every(({ id }) => (this.#seen.get(id) ?? 0) >= ts))
  }

  async end(): Promise<void> {
    this.#live.close()
    await this.#mqtt.endAsync()
  }
}

describe('sixty questions at once, to each route there is, with a full store', () => {
  let folder: string
  let platform: PlatformProcess
  let sensors: SimulatedSensor[]
  let rounds: Rounds
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-questions-'))
    sensors = placeSensors(await loadCity(), reporting, 1)
    await fillStore(folder, sensors, { days: 365, stepMs: 3_600_000, alertEvents: 200_000, refusals: 10_000 })
    platform = await startPlatform({ DATA_DIR: folder, SENSORS: '0', LOG_LEVEL: 'warn' })
    rounds = await Rounds.begin(platform, sensors)
    await rounds.next()
  }, 120_000)
  afterAll(async () => {
    await rounds?.end()
    await platform?.stop()
    await rm(folder, { recursive: true })
  })

  const ask = async (url: string) => {
    const signal = AbortSignal.timeout(answeredMs)
    const headers = { authorization: `Bearer ${platform.adminToken}` }
    const answer = await fetch(platform.url + url, { headers, signal })
    return { status: answer.status, body: await answer.text() }
  }

  it('are answered or refused, while every round of the sensors comes live and memory stays bounded', async () => {
    const [sensor] = sensors
    if (!sensor) throw new Error('there is no sensor')
    const questions = questionsOf(sensor)
    const documentSchema = z.object({ paths: z.record(z.string(), z.object({ get: z.unknown().optional() })) })
    const { paths } = documentSchema.parse(JSON.parse((await ask('/api/openapi.json')).body))
    const routes = Object.keys(paths).filter((path) => paths[path]?.get !== undefined)
    expect(Object.keys(questions).toSorted(), 'each route has its questions here').toEqual(routes.toSorted())

    // each alone first: what a question makes the platform load and compile once is not what sixty cost
    for (const { url, status = 200 } of Object.values(questions).flat())
      expect((await ask(url)).status, url).toBe(status)
    const before = (await memoryOf(platform.process.pid)).now
    for (const { url, status = 200 } of Object.values(questions).flat()) {
      const batches = rounds.batches
      let asked = true
      const answers = Promise.all(Array.from({ length: atOnce }, () => ask(url))).finally(() => {
        asked = false
      })
      answers.catch(() => {}) // told below, when the rounds are over
      let told = 0
      for (; asked || told === 0; told += 1) await rounds.next()
      expect(rounds.batches - batches, `live batches during ${url}`).toBeGreaterThanOrEqual(told)
      for (const { status: answered, body } of await answers) {
        // one that was given up for its time says so
        if (answered === 504) expect(problemSchema.parse(JSON.parse(body)).code).toBe('TOO_SLOW')
        else expect([status, 429], `${url}: ${body.slice(0, 300)}`).toContain(answered)
      }
      expect(
        (await answers).map((each) => each.status),
        url,
      ).toContain(status)
      expect((await memoryOf(platform.process.pid)).now, `MB after ${url}`).toBeLessThan(before + maxGrowth)
    }
  }, 300_000)
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type MqttClient } from 'mqtt'
import { expect } from 'vitest'
import { Ledger } from '#simulators/ledger.ts'
import { checkLedgers } from '#storage/ledger-check/ledger-check.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { LedgerEntry } from '#telemetry/ledger.ts'

export interface BurstOptions {
  port: number
  password: string
  /** sensors, each with a connection of its own */
  sensors?: number
  /** messages a second of each */
  perSecond?: number
  /** readings in each message, as a gateway sends them */
  perMessage?: number
  /** ms that the sensors' clocks are wrong */
  clockErrorMs?: number
}

/** Sensors that publish without pause and keep what is not acknowledged. */
export interface Burst {
  /** readings acknowledged so far */
  readonly acknowledged: number
  /** Waits until so many more are acknowledged. */
  more(readings: number): Promise<void>
  /** Publishes nothing new until {@link resume}; resolves when all that was published is acknowledged. */
  pause(): Promise<void>
  resume(): void
  /** Publishes nothing new and waits until all that was published is acknowledged. */
  stop(): Promise<void>
  /** what the sensors noted; complete once stopped */
  readonly ledger: string
  /** Removes the ledger. */
  forget(): Promise<void>
}

/** messages of one sensor that wait for their acknowledgement at most; beyond it the sensor measures nothing new */
const maxPending = 2_000
const deadlineMs = 90_000
/** readings that are stored each ms at the least */
const storedPerMs = 5

async function until(what: string, reached: () => boolean): Promise<void> {
  for (const deadline = Date.now() + deadlineMs; !reached(); ) {
    if (Date.now() > deadline) throw new Error(`waited in vain for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Starts publishing lamp readings as `burst-0`, `burst-1` and so on. */
export async function startBurst(options: BurstOptions): Promise<Burst> {
  const { port, password, sensors = 20, perSecond = 50, perMessage = 1, clockErrorMs = 0 } = options
  const folder = await mkdtemp(join(tmpdir(), 'nhip-burst-'))
  const path = join(folder, 'ledger.tsv')
  const ledger = await Ledger.open(path, { maxHeld: 1_000_000 })
  const clients: MqttClient[] = []
  const timers: NodeJS.Timeout[] = []
  let acknowledged = 0
  let pending = 0
  let stopped: Promise<void> | undefined
  let paused = false
  for (let index = 0; index < sensors; index++) {
    const sensor = `burst-${index}`
    const note = (event: LedgerEntry['event'], ts: number) =>
      ledger.record({ event, kind: 'lighting', sensor, ts, at: Date.now() })
    // MQTT.js sends what is not acknowledged again after each reconnect, in order
    const client = connect(`mqtt://127.0.0.1:${port}`, {
      ...{ username: 'admin', password, protocolVersion: 4, clientId: `${sensor}-${process.pid}-${Date.now()}` },
      ...{ reconnectPeriod: 100, connectTimeout: 2_000, reconnectOnConnackError: true },
    })
    client.on('error', () => {}) // it goes on trying
    clients.push(client)
    let own = 0
    let last = 0
    const measure = () => {
      if (paused || own >= maxPending) return
      const first = Math.max(last + 1, Date.now() + clockErrorMs)
      last = first + perMessage - 1
      const times = Array.from({ length: perMessage }, (_, index) => first + index)
      own += 1
      pending += 1
      for (const ts of times) note('sent', ts)
      const topic = `city/v1/tay-ninh/lighting/${sensor}/reading`
      const readings = times.map((ts) => ({ ts, powerState: 'on', activePower: 60 }))
      client.publish(topic, JSON.stringify(perMessage === 1 ? readings[0] : readings), { qos: 1 }, (error) => {
        own -= 1
        pending -= 1
        if (error) return
        for (const ts of times) note('acked', ts)
        acknowledged += perMessage
      })
    }
    timers.push(setInterval(measure, 1_000 / perSecond))
  }
  return {
    ledger: path,
    get acknowledged() {
      return acknowledged
    },
    async more(readings) {
      const goal = acknowledged + readings
      await until(`${readings} more acknowledgements`, () => acknowledged >= goal)
    },
    async pause() {
      paused = true
      await until('the last acknowledgements', () => pending === 0)
    },
    resume() {
      paused = false
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await until('the last acknowledgements', () => pending === 0)
      for (const client of clients.splice(0)) await client.endAsync(true)
      stopped ??= ledger.close()
      await stopped
    },
    forget: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Waits until numbers of what is on its way to the store have all been 0 for a second. */
export async function untilCalm(onTheWay: () => Promise<number[]>): Promise<void> {
  let calm = 0
  for (const deadline = Date.now() + deadlineMs; calm < 10; ) {
    if (Date.now() > deadline) throw new Error(`waited in vain for the store: ${await onTheWay()} on the way to it`)
    calm = (await onTheWay()).every((number) => number === 0) ? calm + 1 : 0
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Waits until the audit finds that the store holds everything that was acknowledged, and holds it once. */
export async function expectNothingLost(store: TelemetryStore, burst: Burst): Promise<void> {
  const ledgers = [burst.ledger]
  const deadline = Date.now() + deadlineMs + burst.acknowledged / storedPerMs
  let began = Date.now()
  let report = await checkLedgers({ ledgers, store })
  while (report.total.missing > 0 && Date.now() < deadline) {
    // a large audit must not take the time of those who store
    await new Promise((resolve) => setTimeout(resolve, 250 + 2 * (Date.now() - began)))
    began = Date.now()
    report = await checkLedgers({ ledgers, store })
  }
  const { acknowledged } = burst
  expect(acknowledged).toBeGreaterThan(0)
  expect(report.total).toMatchObject({ acknowledged, stored: acknowledged, missing: 0, duplicated: 0 })
  await burst.forget()
}

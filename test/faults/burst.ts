import { connect, type MqttClient } from 'mqtt'
import { expect } from 'vitest'
import type { TelemetryStore } from '#storage/store.ts'

export interface BurstOptions {
  port: number
  password: string
  /** sensors, each with a connection of its own */
  sensors?: number
  /** readings a second of each */
  perSecond?: number
  /** ms that the sensors' clocks are wrong */
  clockErrorMs?: number
}

/** Sensors that publish without pause and keep what is not acknowledged. */
export interface Burst {
  /** readings acknowledged so far */
  readonly acknowledged: number
  /** Waits until so many more are acknowledged. */
  more(readings: number): Promise<void>
  /** Publishes nothing new and waits until all that was published is acknowledged. */
  stop(): Promise<void>
  /** Times of measuring (epoch ms) of what is acknowledged, of each sensor. */
  readonly evidence: ReadonlyMap<string, readonly number[]>
}

/** readings of one sensor that wait for their acknowledgement at most; beyond it the sensor measures nothing new */
const maxPending = 2_000
const deadlineMs = 90_000

async function until(what: string, reached: () => boolean): Promise<void> {
  for (const deadline = Date.now() + deadlineMs; !reached(); ) {
    if (Date.now() > deadline) throw new Error(`waited in vain for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Starts publishing lamp readings as `burst-0`, `burst-1` and so on. */
export function startBurst(options: BurstOptions): Burst {
  const { port, password, sensors = 20, perSecond = 50, clockErrorMs = 0 } = options
  const evidence = new Map<string, number[]>()
  const clients: MqttClient[] = []
  const timers: NodeJS.Timeout[] = []
  let acknowledged = 0
  let pending = 0
  for (let index = 0; index < sensors; index++) {
    const sensor = `burst-${index}`
    const acked: number[] = []
    evidence.set(sensor, acked)
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
      if (own >= maxPending) return
      const ts = Math.max(last + 1, Date.now() + clockErrorMs)
      last = ts
      own += 1
      pending += 1
      const topic = `city/v1/tay-ninh/lighting/${sensor}/reading`
      client.publish(topic, JSON.stringify({ ts, powerState: 'on', activePower: 60 }), { qos: 1 }, (error) => {
        own -= 1
        pending -= 1
        if (error) return
        acked.push(ts)
        acknowledged += 1
      })
    }
    timers.push(setInterval(measure, 1_000 / perSecond))
  }
  return {
    evidence,
    get acknowledged() {
      return acknowledged
    },
    async more(readings) {
      const goal = acknowledged + readings
      await until(`${readings} more acknowledgements`, () => acknowledged >= goal)
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await until('the last acknowledgements', () => pending === 0)
      for (const client of clients) await client.endAsync(true)
    },
  }
}

interface Finding {
  acknowledged: number
  missing: number
  doubled: number
}

async function compare(store: TelemetryStore, burst: Burst): Promise<Finding> {
  const finding = { acknowledged: burst.acknowledged, missing: 0, doubled: 0 }
  for (const [sensor, times] of burst.evidence) {
    const query = {
      kind: 'lighting',
      sensor,
      value: 'powerState',
      from: 946_684_800_000,
      to: 4_102_444_800_000,
    } as const
    const points = await store.history({ ...query, limit: 1_000_000 })
    const stored = new Set(points.map(({ ts }) => ts))
    finding.missing += times.filter((ts) => !stored.has(ts)).length
    finding.doubled += points.length - stored.size
  }
  return finding
}

/** Waits until the store holds everything that was acknowledged, and holds it once. */
export async function expectNothingLost(store: TelemetryStore, burst: Burst): Promise<void> {
  const deadline = Date.now() + deadlineMs
  let finding = await compare(store, burst)
  while (finding.missing > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 250))
    finding = await compare(store, burst)
  }
  expect(burst.acknowledged).toBeGreaterThan(0)
  expect(finding).toEqual({ acknowledged: burst.acknowledged, missing: 0, doubled: 0 })
}

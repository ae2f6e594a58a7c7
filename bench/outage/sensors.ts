import { writeFile } from 'node:fs/promises'
import { ledgerLine } from '#telemetry/ledger.ts'
import { Publisher } from '../load/publisher.ts'

/** Sensors that publish at a steady rate. */
export interface Sensors {
  readonly acknowledged: number
  /** ms between sending and PUBACK, of every reading since the last call */
  drainWaits(): number[]
  /** Stops, and waits until all that was sent is acknowledged. */
  stop(): Promise<void>
  /** Writes what was acknowledged to a file, for an audit. To be called once stopped. */
  writeLedger(path: string): Promise<void>
}

export interface SensorsOptions {
  port: number
  password: string
  count: number
  /** readings a second of all together */
  rate: number
}

const everyMs = 5
const window = 100

/** Connects the sensors and lets them publish. */
export async function startSensors({ port, password, count, rate }: SensorsOptions): Promise<Sensors> {
  const firstTs = Date.now() - 40_000_000
  let waits: number[] = []
  const latencies = (ms: number) => void waits.push(ms)
  const publishers = Array.from(
    { length: count },
    (_, index) => new Publisher({ port, username: 'admin', password, index, firstTs, window, latencies }),
  )
  await Promise.all(publishers.map((publisher) => publisher.connected()))
  const began = performance.now()
  let allowed = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1_000) * rate)
    for (; allowed < due; allowed++) publishers[allowed % count]?.allow(1)
  }, everyMs)
  const sum = (of: (publisher: Publisher) => number) => publishers.reduce((total, each) => total + of(each), 0)
  return {
    get acknowledged() {
      return sum((publisher) => publisher.acknowledged)
    },
    drainWaits() {
      const taken = waits
      waits = []
      return taken
    },
    async stop() {
      clearInterval(timer)
      for (const publisher of publishers) publisher.halt()
      for (const deadline = Date.now() + 60_000; sum(({ sent }) => sent) > sum((each) => each.acknowledged); ) {
        if (Date.now() > deadline) throw new Error('some readings were never acknowledged')
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      for (const publisher of publishers) publisher.close()
    },
    async writeLedger(path) {
      const at = Date.now()
      async function* lines() {
        for (const [index, { acknowledged }] of publishers.entries())
          for (let number = 1; number <= acknowledged; number++)
            yield `${ledgerLine({ event: 'acked', kind: 'traffic', sensor: `bench-${index}`, ts: firstTs + number, at })}\n`
      }
      await writeFile(path, lines())
    },
  }
}

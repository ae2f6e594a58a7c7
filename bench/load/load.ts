import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { Publisher } from './publisher.ts'

/** What to send; one JSON argument of this process. */
export interface LoadPlan {
  port: number
  /** undefined: each connection signs in as the sensor it publishes for */
  username?: string | undefined
  password: string
  connections: number
  window: number
  seconds: number
  /** readings/s over all connections; undefined as fast as they are acknowledged */
  rate?: number
}

/** What came of it; one JSON line on standard output. */
export interface LoadResult {
  /** s until all were connected */
  connectSeconds: number
  acknowledged: number
  /** acknowledged readings a second between start and end of sending */
  perSecond: number
  /** CPU time of this process while it sent, µs a reading */
  cpu: number
  /** ms between sending and PUBACK */
  p50: number
  p99: number
}

const plan = JSON.parse(process.argv[2] ?? '') as LoadPlan // written by load-process.ts
const buckets = new Uint32Array(100_000) // tenths of a millisecond
const latencies = (ms: number) => {
  const bucket = Math.min(buckets.length - 1, Math.floor(ms * 10))
  buckets[bucket] = (buckets[bucket] ?? 0) + 1
}

function percentile(share: number): number {
  const total = buckets.reduce((sum, count) => sum + count, 0)
  let seen = 0
  const at = buckets.findIndex((count) => {
    seen += count
    return seen >= total * share
  })
  return (at + 1) / 10
}

const connecting = performance.now()
const publishers: Publisher[] = []
for (let index = 0; index < plan.connections; index += 100) {
  const some = Array.from(
    { length: Math.min(100, plan.connections - index) },
    (_, i) => new Publisher({ ...plan, index: index + i, firstTs: Date.now() - 40_000_000, latencies }),
  )
  await Promise.all(some.map((publisher) => publisher.connected()))
  publishers.push(...some)
}
const connectSeconds = (performance.now() - connecting) / 1_000

console.log('connected')
await once(process.stdin, 'data') // all is ready: go

const cpuBefore = process.cpuUsage()
const start = performance.now()
const end = start + plan.seconds * 1_000
if (plan.rate === undefined) for (const publisher of publishers) publisher.allow(Number.POSITIVE_INFINITY)
else {
  let allowed = 0
  while (performance.now() < end) {
    const due = Math.floor(((performance.now() - start) / 1_000) * plan.rate)
    for (; allowed < due; allowed++) publishers[allowed % publishers.length]?.allow(1)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
await new Promise((resolve) => setTimeout(resolve, Math.max(0, end - performance.now())))
const sum = (of: (publisher: Publisher) => number) => publishers.reduce((total, publisher) => total + of(publisher), 0)
const inTime = sum(({ acknowledged }) => acknowledged)
const seconds = (performance.now() - start) / 1_000
for (const publisher of publishers) publisher.halt()
for (const deadline = Date.now() + 60_000; sum(({ sent }) => sent) > sum(({ acknowledged }) => acknowledged); ) {
  if (Date.now() > deadline) throw new Error('some readings were never acknowledged')
  await new Promise((resolve) => setTimeout(resolve, 10))
}
const { user, system } = process.cpuUsage(cpuBefore)
const acknowledged = sum((publisher) => publisher.acknowledged)
const result: LoadResult = {
  connectSeconds,
  acknowledged,
  cpu: (user + system) / acknowledged,
  perSecond: inTime / seconds,
  p50: percentile(0.5),
  p99: percentile(0.99),
}
console.log(JSON.stringify(result))
for (const publisher of publishers) publisher.close()
// only when all is measured, for it costs as much as sending
const ledger = String((await once(process.stdin, 'data'))[0]).trim()
if (ledger !== '') for (const publisher of publishers) appendFileSync(ledger, publisher.ledger(Date.now()))
process.exit(0)

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { connectAsync } from 'mqtt'
import { expect } from 'vitest'
import { sensorTopic } from '#telemetry/topics.ts'
import { type HoursSpan, randomReadings } from '../storage/roll-up-check.ts'
import type { PlatformProcess } from './platform-process.ts'

const hour = 3_600_000
const script = fileURLToPath(new URL('../real/roll-up-writer.ts', import.meta.url))

/** Two days and a half that end well before now. */
export const recentSpan = (): HoursSpan => ({ from: (Math.floor(Date.now() / hour) - 70) * hour, hours: 60 })

/** A process that writes, or does the upkeep, until it is killed. */
export interface Writer {
  process: ChildProcess
  /** Waits until it has said a word so many times more. */
  says(word: 'stored' | 'step' | 'standby', times?: number): Promise<void>
  kill(): Promise<void>
}

const writers: Writer[] = []

/** Kills all that were started. */
export async function killWriters(): Promise<void> {
  for (const writer of writers.splice(0)) await writer.kill()
}

/** Starts one on a store that lives in a file or at a URL; the same number writes the same. */
export function startWriter(
  place: string,
  { from, hours }: HoursSpan,
  number: number,
  does: 'both' | 'write' | 'upkeep',
): Writer {
  const args = [place, String(from), String(hours), String(number), does]
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = new Map<string, number>()
  let woken = () => {}
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.set(line, (said.get(line) ?? 0) + 1)
    woken()
  })
  child.once('exit', () => woken())
  const writer: Writer = {
    process: child,
    async says(word, times = 1) {
      for (const goal = (said.get(word) ?? 0) + times; (said.get(word) ?? 0) < goal; ) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended with ${child.exitCode}`)
        await new Promise<void>((resolve) => {
          woken = resolve
        })
      }
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
  writers.push(writer)
  return writer
}

/** Has a platform take readings of the span, and one of now: by that it trusts its clock. Resolves when all are acknowledged. */
export async function publishLate(
  { mqttPort, adminToken: password }: PlatformProcess,
  random: () => number,
  span: HoursSpan,
  count: number,
): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`, {
    ...{ protocolVersion: 4, username: 'admin', password, reconnectPeriod: 0 },
  })
  const readings = randomReadings(random, span, count)
  const now = randomReadings(random, span, 1).map((reading) => ({ ...reading, ts: Date.now() }))
  for (const { sensor, ts, values } of [...now, ...readings]) {
    const topic = sensorTopic({ district: 'tay-ninh', kind: 'air-quality', sensor, channel: 'reading' })
    await client.publishAsync(topic, JSON.stringify({ ts, ...values }), { qos: 1 })
  }
  await client.endAsync()
}

/** Waits until the upkeep of a platform has rolled something up. */
export async function untilRolledUp({ url, adminToken }: PlatformProcess): Promise<void> {
  const metrics = async () =>
    (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminToken}` } })).text()
  await expect.poll(metrics).toMatch(/^nhip_history_upkeep_hours_total [1-9]/m)
}

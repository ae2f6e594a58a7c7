import { parentPort, workerData } from 'node:worker_threads'
import { createBirpc } from 'birpc'
import { Registry } from 'prom-client'
import { startBroker } from '#broker/broker.ts'
import { journalFunctions } from '#journal/thread/journal-functions.ts'
import { PlatformError } from '#telemetry/errors.ts'
import type { BrokerFunctions, BrokerThreadData, Started } from './broker-thread.ts'
import { openLog } from './log.ts'
import { openJournal } from './open-journal.ts'
import { Stack } from './stack.ts'

const { config, broker: brokerOptions } = workerData as BrokerThreadData // given by broker-thread.ts
const port = parentPort ?? fail('this runs as a thread')

const parts = new Stack()
const registry = new Registry()

function fail(message: string): never {
  throw new Error(message)
}

async function start(): Promise<Started> {
  const log = openLog(config).child({ room: 'broker' })
  const journal = await parts.add(openJournal(config, log))
  const broker = await parts.add(startBroker({ ...brokerOptions, journal, registry, log }))
  const functions: BrokerFunctions = {
    ...journalFunctions(journal),
    metrics: () => registry.metrics(),
    close: () => parts.close(),
  }
  createBirpc(functions, {
    post: (data) => port.postMessage(data),
    on: (listener) => port.on('message', listener),
  })
  return { ok: true, mqttPort: broker.mqttPort, wsPort: broker.wsPort }
}

try {
  port.postMessage(await start())
} catch (error) {
  await parts.close()
  if (!(error instanceof PlatformError)) throw error
  // a class does not survive the way between threads
  port.postMessage({ ok: false, fault: error.message } satisfies Started)
}

import { parentPort, workerData } from 'node:worker_threads'
import { createBirpc } from 'birpc'
import { Registry } from 'prom-client'
import { startBroker } from '#broker/broker.ts'
import { reportAppendHealth } from '#journal/append-health.ts'
import { createJournalFunctions } from '#journal/thread/journal-functions.ts'
import { PlatformError } from '#telemetry/errors.ts'
import { brokerTls } from './broker-options.ts'
import type { BrokerFunctions, BrokerThreadData, PlatformFunctions, Started } from './broker-thread.ts'
import { createLog } from './log.ts'
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
  const log = (await createLog(config)).child({ room: 'broker' })
  const tls = await brokerTls(config, parts, log)
  const journal = await parts.add(openJournal(config, log))
  let takesNothing = false
  let told: ((wrong: boolean) => void) | undefined
  const watched = reportAppendHealth(journal, (wrong) => {
    takesNothing = wrong
    told?.(wrong)
  })
  const broker = await parts.add(startBroker({ ...brokerOptions, ...tls, journal: watched, registry, log }))
  const functions: BrokerFunctions = {
    ...createJournalFunctions(journal),
    metrics: () => registry.metrics(),
    close: () => parts.close(),
  }
  const platform = createBirpc<PlatformFunctions, BrokerFunctions>(functions, {
    post: (data) => port.postMessage(data),
    on: (listener) => port.on('message', listener),
  })
  told = (wrong) => platform.journalTakesNothing.asEvent(wrong)
  const { mqttPort, wsPort, tls: secure } = broker
  return { ok: true, takesNothing, ports: { mqttPort, wsPort, ...(secure && { tls: secure }) } }
}

try {
  port.postMessage(await start())
} catch (error) {
  await parts.close()
  if (!(error instanceof PlatformError)) throw error
  // a class does not survive the way between threads
  port.postMessage({ ok: false, fault: error.message } satisfies Started)
}

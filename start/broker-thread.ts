import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { createBirpc } from 'birpc'
import type { Logger } from 'pino'
import type { BrokerOptions } from '#broker/broker.ts'
import type { JournalSource } from '#journal/journal.ts'
import type { JournalFunctions } from '#journal/thread/journal-functions.ts'
import { createThreadJournal } from '#journal/thread/thread-journal.ts'
import { ConfigError } from '#telemetry/errors.ts'
import type { Ports } from './broker-options.ts'
import type { PlatformSettings } from './platform-settings.ts'

/** What the thread is given. */
export interface BrokerThreadData {
  config: PlatformSettings
  broker: Omit<BrokerOptions, 'journal' | 'registry' | 'log' | 'tls'>
}

/** What the thread says once it has started, or could not. */
export type Started = { ok: true; takesNothing: boolean; ports: Ports } | { ok: false; fault: string }

/** What the thread tells the others. */
export interface PlatformFunctions {
  /** whether the journal takes no readings now */
  journalTakesNothing(wrong: boolean): void
}

/** What the thread does for the others. */
export interface BrokerFunctions extends JournalFunctions {
  /** its metrics as Prometheus reads them */
  metrics(): Promise<string>
  close(): Promise<void>
}

/** The broker with the journal it writes, in a thread of their own. */
export interface BrokerThread {
  ports: Ports
  journal: JournalSource
  metrics(): Promise<string>
  /** Idempotent. */
  close(): Promise<void>
}

/** MB of young generation: many small packets live for some milliseconds, and should not grow old */
const youngGenerationMb = 96

/**
 * Starts broker and journal in a thread of their own: a flood of readings does not slow down what is shown, and what is
 * stored does not slow down acknowledgements. An error that nobody handles there ends the process.
 * `reportJournal` is called with whether the journal refuses readings.
 * @throws ConfigError when a port is taken or the folder cannot be used
 */
export async function startBrokerThread(
  workerData: BrokerThreadData,
  reportJournal: (takesNothing: boolean) => void,
  log: Logger,
): Promise<BrokerThread> {
  const worker = new Worker(new URL('./broker-worker.mjs', import.meta.url), {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  })
  const [started] = (await once(worker, 'message')) as [Started] // sent by broker-worker.ts
  if (!started.ok) {
    await worker.terminate()
    throw new ConfigError(started.fault)
  }
  worker.on('error', (error) => {
    throw error
  })
  reportJournal(started.takesNothing)
  const remote = createBirpc<BrokerFunctions, PlatformFunctions>(
    { journalTakesNothing: reportJournal },
    {
      post: (data) => worker.postMessage(data),
      on: (listener) => worker.on('message', listener),
      timeout: -1,
    },
  )
  let closing: Promise<void> | undefined
  const close = async () => {
    await remote.close()
    await worker.terminate()
  }
  return {
    ports: started.ports,
    journal: createThreadJournal(remote, log),
    metrics: () => remote.metrics(),
    close() {
      closing ??= close()
      return closing
    },
  }
}

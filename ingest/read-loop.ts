import { sleep } from '#telemetry/retry/sleep.ts'
import type { JournalReadHealth } from './health/journal-read-health.ts'
import type { JournalVersionHealth } from './health/journal-version-health.ts'
import type { ProgressHealth } from './health/progress-health.ts'
import type { ReadingFlow } from './reading-flow.ts'

/** records read at once at the most */
const maxRecords = 5_000
/** ms that one read waits for new blocks */
const waitMs = 1_000
/** ms until the journal is read again after a fault */
const readAgainMs = 500

interface ReadLoopParts {
  flow: ReadingFlow
  reads: JournalReadHealth
  versions: JournalVersionHealth
  progress: ProgressHealth
}

/** Reads the journal to its end and on, and passes each block to the flow of readings, until it is closed. */
export class ReadLoop {
  readonly #parts: ReadLoopParts
  readonly #running: Promise<void>
  #closed = false

  constructor(parts: ReadLoopParts) {
    this.#parts = parts
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    const { flow, reads, versions, progress } = this.#parts
    while (!this.#closed) {
      try {
        for (const block of await flow.reader.next({ maxRecords, waitMs })) flow.accept(block)
        progress.recordProgress(true)
        reads.recordSuccess()
      } catch (error) {
        if (!versions.reportIfUnknown(error)) {
          progress.recordWaiting()
          reads.recordFailure(error)
        }
        await sleep(readAgainMs)
      }
    }
  }

  /** Resolves when the last block that was read is passed on. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#parts.flow.reader.close()
    await this.#running
  }
}

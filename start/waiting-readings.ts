import { access } from 'node:fs/promises'
import type { Logger } from 'pino'
import { type DecodedBlock, decodeBlock } from '#ingest/decode/decode-block.ts'
import { TopicCache } from '#ingest/decode/topic-cache.ts'
import { type ReadOnlyJournal, readBacklog } from '#journal/backlog.ts'
import { storeConsumer } from '#journal/journal.ts'
import type { Identity } from '#storage/ledger-check/comparison.ts'
import type { WaitingPage } from '#storage/ledger-check/ledger-check.ts'
import { InUseError } from '#telemetry/errors.ts'
import { measuredTimes } from '#telemetry/measured-times.ts'
import { parseSensorTopic } from '#telemetry/topics.ts'
import type { PlatformConfig } from './config.ts'
import { journalPath, openJournal } from './open-journal.ts'

/** Looks for the readings that wait in the journal for the store. */
export class WaitingReadings {
  readonly #config: PlatformConfig
  readonly #log: Logger
  #note: string | undefined
  #unknown = false

  constructor(config: PlatformConfig, log: Logger) {
    this.#config = config
    this.#log = log
  }

  /** What to tell of the journal when something is missing. */
  get note(): string | undefined {
    return this.#note
  }

  /** Whether it could not look, because the running platform has the journal for itself. */
  get unknown(): boolean {
    return this.#unknown
  }

  /** Opens the journal when the first page is asked for, and closes it after the last. */
  async *pages(): AsyncGenerator<WaitingPage> {
    const journal = await this.#open()
    if (!journal) return
    const topics = new TopicCache()
    try {
      for await (const { blocks, done, total } of readBacklog(journal, storeConsumer, this.#log)) {
        const readings = blocks.flatMap((block) => identities(decodeBlock(block, topics)))
        yield { readings, done, total }
      }
    } finally {
      await journal.close()
    }
  }

  async #open(): Promise<ReadOnlyJournal | undefined> {
    const { JOURNAL, NATS_URL, DATA_DIR } = this.#config
    if (JOURNAL === 'nats' && NATS_URL) {
      const { openReadOnlyNatsJournal } = await import('#journal/nats/read-only-nats-journal.ts')
      const view = await openReadOnlyNatsJournal({ url: NATS_URL, log: this.#log })
      if (!view) this.#note = 'NATS_URL: there is no journal on that server'
      return view
    }
    const there =
      JOURNAL === 'nats' ||
      (await access(journalPath(DATA_DIR)).then(
        () => true,
        () => false,
      ))
    if (!there) {
      this.#note = `there is no journal in DATA_DIR="${DATA_DIR}" (if it is on NATS: JOURNAL=nats and NATS_URL)`
      return undefined
    }
    try {
      return await openJournal(this.#config, this.#log)
    } catch (error) {
      if (!(error instanceof InUseError)) throw error
      this.#unknown = true
      return undefined
    }
  }
}

/** Of all readings in a block, also of those that will be refused. */
function identities({ readings, refusals }: DecodedBlock): Identity[] {
  const good = readings.map(({ reading: { kind, sensor, ts } }) => ({ kind, sensor, ts }))
  const refused = refusals.flatMap(({ topic, payload }) => {
    const of = parseSensorTopic(topic)
    if (!of) return []
    const { kind, sensor } = of
    return measuredTimes(Buffer.from(payload).toString('utf8')).map((ts) => ({ kind, sensor, ts }))
  })
  return [...good, ...refused]
}

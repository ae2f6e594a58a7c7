import type { StoreOptions } from '../store-writer/until-stored.ts'
import type { RefusalKeeper } from './refusal-writer.ts'

/** ms between two looks at whether something is to be told */
const everyMs = 1_000

/** Tells by and by what a quarantine had no room for, also when nothing more is refused; at the end all of it. */
export class RestTeller {
  readonly #keeper: RefusalKeeper
  readonly #options: StoreOptions
  readonly #timer: NodeJS.Timeout
  #telling: Promise<void> | undefined

  constructor(keeper: RefusalKeeper, options: StoreOptions) {
    this.#keeper = keeper
    this.#options = options
    this.#timer = setInterval(() => {
      this.#telling ??= this.#tell().finally(() => {
        this.#telling = undefined
      })
    }, everyMs)
    this.#timer.unref()
  }

  async #tell(when?: { isEnd: boolean }): Promise<void> {
    const { log, signal } = this.#options
    await this.#keeper.tellRest(when).catch((error: unknown) => {
      if (!signal.aborted) log.error({ err: error }, 'what the quarantine had no room for is not told; trying again')
    })
  }

  /** Tells what is left, unless the signal of the options is aborted first. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#telling
    await this.#tell({ isEnd: true })
  }
}

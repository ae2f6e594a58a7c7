/** People or keys as the server lists them, and what an admin does to them. */
export class AdminList<Item> {
  items = $state.raw<readonly Item[]>()
  /** what went wrong with the last deed, in words; empty when nothing did */
  fault = $state('')
  readonly #fetch: () => Promise<readonly Item[]>
  readonly #wordsOf: (error: unknown) => string

  constructor(fetch: () => Promise<readonly Item[]>, wordsOf: (error: unknown) => string) {
    this.#fetch = fetch
    this.#wordsOf = wordsOf
  }

  /** Does something, then shows all as they are now. Never rejects. */
  async act(doing: () => Promise<unknown>): Promise<void> {
    this.fault = ''
    try {
      await doing()
    } catch (error) {
      this.fault = this.#wordsOf(error)
    }
    try {
      this.items = await this.#fetch()
    } catch (error) {
      this.fault ||= this.#wordsOf(error)
    }
  }

  /** Shows all as they are now. */
  load(): Promise<void> {
    return this.act(async () => {})
  }
}

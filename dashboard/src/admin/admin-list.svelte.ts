/** Something to be sure of before it is done; `text` asks, in the language of the page. */
interface Asked {
  text: () => string
  then: () => Promise<unknown>
}

/** A secret that is shown this once, and what it is. */
interface Given {
  text: () => string
  secret: string
}

/** People or keys as the server lists them, and what an admin does to them. */
export class AdminList<Item> {
  items = $state.raw<readonly Item[]>()
  /** what went wrong with the last action, in words; empty when nothing did */
  fault = $state('')
  asked = $state.raw<Asked>()
  given = $state.raw<Given>()
  readonly #fetch: () => Promise<readonly Item[]>
  readonly #wordsOf: (error: unknown) => string

  constructor(fetch: () => Promise<readonly Item[]>, wordsOf: (error: unknown) => string) {
    this.#fetch = fetch
    this.#wordsOf = wordsOf
  }

  /** Does something, then shows all as they are now. Never rejects. */
  async act(doing: () => Promise<unknown>): Promise<void> {
    this.asked = undefined
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

  /** Asks first, or asks no more. */
  ask(asked: Asked | undefined): void {
    this.asked = asked
  }

  /** Shows a secret, or shows it no more. */
  showSecret(given: Given | undefined): void {
    this.given = given
  }

  /** Shows all as they are now. */
  load(): Promise<void> {
    return this.act(async () => {})
  }
}

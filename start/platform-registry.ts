import { collectDefaultMetrics, Registry } from 'prom-client'

/** The metrics of this process and thread, with those of another thread behind them. */
export class PlatformRegistry extends Registry {
  readonly #others: () => Promise<string>

  /** @param others answers metrics in the format of Prometheus; their names differ from those here */
  constructor(others: () => Promise<string>) {
    super()
    this.#others = others
    collectDefaultMetrics({ register: this })
  }

  override async metrics(): Promise<string> {
    return `${(await super.metrics()).trimEnd()}\n\n${await this.#others()}`
  }
}

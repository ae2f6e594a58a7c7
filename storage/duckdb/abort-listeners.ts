/** Listens to the abortion of signals, with one listener a signal, even when many queries of one caller wait or run. */
export class AbortListeners {
  readonly #calls = new Map<AbortSignal, Set<() => void>>()

  /** Calls back once when the signal is aborted; answers what takes that back. */
  add(signal: AbortSignal | undefined, call: () => void): () => void {
    if (!signal) return () => {}
    const calls = this.#calls.get(signal) ?? new Set()
    if (calls.size === 0) {
      this.#calls.set(signal, calls)
      signal.addEventListener('abort', this.#notify, { once: true })
    }
    const own = () => call()
    calls.add(own)
    return () => {
      if (!calls.delete(own) || calls.size > 0) return
      this.#calls.delete(signal)
      signal.removeEventListener('abort', this.#notify)
    }
  }

  readonly #notify = ({ target }: Event) => {
    const signal = target as AbortSignal // it is added to nothing else
    const calls = this.#calls.get(signal)
    this.#calls.delete(signal)
    for (const call of calls ?? []) call()
  }
}

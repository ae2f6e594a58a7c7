import type { BridgeOptions } from '#broker/bridge/bridge.ts'
import type { Journal, JournalRecord } from '#journal/journal.ts'

/** A real journal that accepts nothing until it is unblocked. */
export interface BlockedJournal {
  journal: BridgeOptions['journal']
  /** records it was given so far, each try counted */
  readonly offered: number
  unblock(): void
}

/** @param refuses an error instead of storing these records */
export function blockedJournal(
  journal: Journal,
  refuses: (records: readonly JournalRecord[]) => Error | undefined = () => undefined,
): BlockedJournal {
  let unblock = () => {}
  const unblocked = new Promise<void>((resolve) => {
    unblock = resolve
  })
  let offered = 0
  return {
    journal: {
      async append(records) {
        offered += records.length
        await unblocked
        const refusal = refuses(records)
        if (refusal) throw refusal
        await journal.append(records)
      },
      stats: () => journal.stats(),
    },
    get offered() {
      return offered
    },
    unblock,
  }
}

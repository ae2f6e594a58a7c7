import type { BridgeOptions } from '#broker/bridge/bridge.ts'
import type { Journal, JournalRecord } from '#journal/journal.ts'

/** A real journal that takes nothing until it is let. */
export interface BlockedJournal {
  journal: BridgeOptions['journal']
  /** records it was given so far, each try counted */
  readonly offered: number
  open(): void
}

/** @param refuses an error instead of keeping these records */
export function blockedJournal(
  journal: Journal,
  refuses: (records: readonly JournalRecord[]) => Error | undefined = () => undefined,
): BlockedJournal {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  let offered = 0
  return {
    journal: {
      async append(records) {
        offered += records.length
        await opened
        const refusal = refuses(records)
        if (refusal) throw refusal
        await journal.append(records)
      },
      stats: () => journal.stats(),
    },
    get offered() {
      return offered
    },
    open,
  }
}

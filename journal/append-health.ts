import { PlatformError } from '#telemetry/errors.ts'
import type { Journal } from './journal.ts'

/** What the broker, and the bridge, need of a journal. */
type Entry = Pick<Journal, 'append' | 'stats' | 'broadcast' | 'maxMessageBytes' | 'recent'>

/** ms that an append may take before the journal is reported as not accepting */
const lateMs = 10_000

/** Whether the journal is at fault, not the one record that it will never accept. */
const isOfJournal = (error: unknown) => !(error instanceof PlatformError) || error.retryable

/**
 * Wraps a journal to report whether it accepts readings. It does not while it is full, unreachable, or slow for {@link lateMs}, or on a full disk: acknowledgements
 * are withheld. `report` is called at each change. While nothing is appended, each call of `stats` shows whether the journal answers.
 */
export function reportAppendHealth(journal: Entry, report: (wrong: boolean) => void): Entry {
  const wrong = new Set<'append' | 'late' | 'stats'>()
  let pending = 0
  let timer: NodeJS.Timeout | undefined
  const set = (what: 'append' | 'late' | 'stats', isWrong: boolean) => {
    const before = wrong.size > 0
    if (isWrong) wrong.add(what)
    else wrong.delete(what)
    if (before !== wrong.size > 0) report(!before)
  }
  const settled = (isWrong: boolean) => {
    pending -= 1
    if (pending > 0) timer?.refresh()
    else clearTimeout(timer)
    set('late', false)
    set('append', isWrong)
  }
  const { broadcast, maxMessageBytes, recent } = journal
  return {
    ...(broadcast && { broadcast }),
    ...(recent && { recent }),
    ...(maxMessageBytes !== undefined && { maxMessageBytes }),
    async append(records) {
      if (pending === 0) timer = setTimeout(() => set('late', true), lateMs).unref()
      pending += 1
      try {
        await journal.append(records)
      } catch (error) {
        settled(isOfJournal(error))
        throw error
      }
      settled(false)
    },
    async stats() {
      try {
        const stats = await journal.stats()
        set('stats', false)
        return stats
      } catch (error) {
        set('stats', true)
        throw error
      }
    },
  }
}

import { PlatformError } from '#telemetry/errors.ts'
import type { Journal } from './journal.ts'

/** What the broker, and the bridge, need of a journal. */
type Entry = Pick<Journal, 'append' | 'stats' | 'broadcast' | 'maxMessageBytes'>

/** ms that an append may take before it is said that the journal takes nothing */
const lateMs = 10_000

/** Whether it is the journal that is wrong, and not the one record that it will never take. */
const isOfJournal = (error: unknown) => !(error instanceof PlatformError) || error.retryable

/**
 * A journal that tells whether it takes readings: full, away, slow for {@link lateMs} or on a disk that is, it does not, and acknowledgements
 * are withheld. `tell` hears of each change. While nothing comes in, it is known from who asks how full the journal is.
 */
export function reportAppendHealth(journal: Entry, tell: (wrong: boolean) => void): Entry {
  const wrong = new Set<'append' | 'late' | 'stats'>()
  let pending = 0
  let timer: NodeJS.Timeout | undefined
  const set = (what: 'append' | 'late' | 'stats', isWrong: boolean) => {
    const before = wrong.size > 0
    if (isWrong) wrong.add(what)
    else wrong.delete(what)
    if (before !== wrong.size > 0) tell(!before)
  }
  const settled = (isWrong: boolean) => {
    pending -= 1
    if (pending > 0) timer?.refresh()
    else clearTimeout(timer)
    set('late', false)
    set('append', isWrong)
  }
  const { broadcast, maxMessageBytes } = journal
  return {
    ...(broadcast && { broadcast }),
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

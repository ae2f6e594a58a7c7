import { randomUUID } from 'node:crypto'
import type { JournalBroadcast } from '#journal/journal.ts'
import { joinRefusals } from '../diagnostics/refusal-exchange.ts'
import { announceEveryMs } from '../diagnostics/refusals.ts'

/** Tells the brokers that share the journal, and through them the apis, that devices of an outside broker are known to that one alone. */
export function announceBridge(broadcast: JournalBroadcast | undefined, outside: string): { close(): void } {
  const broker = randomUUID()
  const tell = () => exchange.tell({ broker, outside, refusals: [] })
  const exchange = joinRefusals(broadcast, { own: broker, take: () => {}, asked: tell })
  tell()
  const timer = setInterval(tell, announceEveryMs).unref()
  return {
    close() {
      clearInterval(timer)
      exchange.close()
    },
  }
}

import { randomUUID } from 'node:crypto'
import type { JournalBroadcast } from '#journal/journal.ts'
import { joinRefusals } from '../diagnostics/refusal-exchange.ts'
import { announceEveryMs } from '../diagnostics/refusals.ts'

/** Announces to the brokers that share the journal, and through them to the apis, that only the outside broker knows its devices. */
export function announceBridge(broadcast: JournalBroadcast | undefined, outside: string): { close(): void } {
  const broker = randomUUID()
  const announce = () => exchange.send({ broker, outside, refusals: [] })
  const exchange = joinRefusals(broadcast, { own: broker, received: () => {}, requested: announce })
  announce()
  const timer = setInterval(announce, announceEveryMs).unref()
  return {
    close() {
      clearInterval(timer)
      exchange.close()
    },
  }
}

import { z } from 'zod'
import type { JournalBroadcast } from '#journal/journal.ts'
import { type RefusalBatch, refusalBatchSchema } from '#telemetry/diagnostics.ts'

/** What brokers and bridges that share a journal send one another: what was refused, or a request for everything, for a new subscriber. */
const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('refusals'), batch: refusalBatchSchema }),
  z.object({ type: z.literal('ask') }),
])

/** The refusals of all brokers and bridges that share a journal. */
export interface RefusalExchange {
  /** Sends a batch to the others. */
  send(batch: RefusalBatch): void
  /** Requests that the others send everything again. */
  request(): void
  close(): void
}

/** Joins the exchange; it is empty where the journal belongs to one process. Batches of this process are left out. */
export function joinRefusals(
  broadcast: JournalBroadcast | undefined,
  { own, received, requested }: { own: string; received(batch: RefusalBatch): void; requested(): void },
): RefusalExchange {
  const broadcastMessage = (message: z.infer<typeof messageSchema>) => broadcast?.publish(JSON.stringify(message))
  const leave = broadcast?.subscribe((text) => {
    const message = parse(text)
    if (message?.type === 'ask') requested()
    else if (message && message.batch.broker !== own) received(message.batch)
  })
  return {
    send: (batch) => broadcastMessage({ type: 'refusals', batch }),
    request: () => broadcastMessage({ type: 'ask' }),
    close: () => leave?.(),
  }
}

function parse(text: string) {
  try {
    return messageSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

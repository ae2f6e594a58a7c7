import { z } from 'zod'
import type { JournalBroadcast } from '#journal/journal.ts'
import { type RefusalBatch, refusalBatchSchema } from '#telemetry/diagnostics.ts'

/** What brokers and bridges that share a journal tell one another: what was refused, or that somebody new listens. */
const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('refusals'), batch: refusalBatchSchema }),
  z.object({ type: z.literal('ask') }),
])

/** The refusals of all brokers and bridges that share a journal. */
export interface RefusalExchange {
  /** Tells the others. */
  tell(batch: RefusalBatch): void
  /** Asks the others to tell everything again. */
  ask(): void
  close(): void
}

/** Joins the others; alone where the journal is one process's own. What is not of them is left out. */
export function joinRefusals(
  broadcast: JournalBroadcast | undefined,
  { own, take, asked }: { own: string; take(batch: RefusalBatch): void; asked(): void },
): RefusalExchange {
  const send = (message: z.infer<typeof messageSchema>) => broadcast?.publish(JSON.stringify(message))
  const leave = broadcast?.subscribe((text) => {
    const message = parse(text)
    if (message?.type === 'ask') asked()
    else if (message && message.batch.broker !== own) take(message.batch)
  })
  return {
    tell: (batch) => send({ type: 'refusals', batch }),
    ask: () => send({ type: 'ask' }),
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

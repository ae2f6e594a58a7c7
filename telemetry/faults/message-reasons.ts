import { wordsOfFault } from './fault-table.ts'
import type { MessageFault } from './message-faults.ts'
import { messageWordsEn } from './message-words-en.ts'

/** At least one fault; the first is the one that counts. */
export type SomeFaults = readonly [MessageFault, ...MessageFault[]]

/** A fault as an English sentence. */
export const reasonOf = (fault: MessageFault): string => wordsOfFault(messageWordsEn, fault)

/** Faults as an entry of the quarantine holds them: as they are, and as English sentences for programs that read those. */
export interface ToldFaults {
  /** the first one */
  reason: string
  /** the others */
  more?: string[]
  faults: MessageFault[]
}

/** Faults with their English sentences. */
export function toldFaults(faults: SomeFaults): ToldFaults {
  const [first, ...others] = faults
  const more = others.map(reasonOf)
  return { reason: reasonOf(first), ...(more.length > 0 && { more }), faults: [...faults] }
}

import { type FaultWords, wordsOfFault } from '#telemetry/faults/fault-table.ts'
import type { messageFaults } from '#telemetry/faults/message-faults.ts'
import { messageWordsEn } from '#telemetry/faults/message-words-en.ts'
import { messageWordsVi } from '#telemetry/faults/message-words-vi.ts'
import { otherReleaseWords } from '#telemetry/glossary/other-release.ts'
import type { Language } from '#telemetry/language.ts'
import type { Quarantined } from '#telemetry/quarantine-rest.ts'

const words: Readonly<Record<Language, FaultWords<typeof messageFaults>>> = { vi: messageWordsVi, en: messageWordsEn }

/** What is wrong with a refused message, in the language of the page; entries of other releases have English sentences alone, shown as they are and marked. */
export function refusalWords(
  language: Language,
  { reason, more = [], faults }: Pick<Quarantined, 'reason' | 'more' | 'faults'>,
): string[] {
  return (
    faults?.map((fault) => wordsOfFault(words[language], fault)) ?? [
      otherReleaseWords[language]([reason, ...more].join('; ')),
    ]
  )
}

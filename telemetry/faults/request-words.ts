import type { Language } from '../language.ts'
import { type FaultWords, wordsOfFault } from './fault-table.ts'
import type { RequestFault, requestFaults } from './request-faults.ts'
import { requestWordsEn } from './request-words-en.ts'
import { requestWordsVi } from './request-words-vi.ts'

const words: Readonly<Record<Language, FaultWords<typeof requestFaults>>> = { vi: requestWordsVi, en: requestWordsEn }

/** Why a request is refused, in a language of the page; English is also for logs and the `detail` of the API. */
export function sayRequestFault(language: Language, fault: RequestFault): string {
  return wordsOfFault<typeof requestFaults>(words[language], fault)
}

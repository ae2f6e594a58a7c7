import type { Language, Words } from '../language.ts'

/** What a manual override of a lamp is called, in Vietnamese and English. */
export const overrideWords = {
  manual: { vi: 'điều khiển tay', en: 'manual' },
  untilNextCommand: { vi: 'đến khi có lệnh mới', en: 'until the next command' },
  /** the next sunset or sunrise */
  untilNextSwitching: { vi: 'đến lần đóng cắt kế tiếp', en: 'until the next switching' },
} satisfies Record<string, Words>

const until: Readonly<Record<Language, (time: string) => string>> = {
  vi: (time) => `đến ${time}`,
  en: (time) => `until ${time}`,
}
const byCommand: Readonly<Record<Language, (by: string, end: string) => string>> = {
  vi: (by, end) => `theo lệnh của ${by}, ${end}`,
  en: (by, end) => `by command of ${by}, ${end}`,
}

/** How long an order holds; `time` is when it ends, as it is shown, or undefined when it names no time. */
export function orderEndWords(time: string | undefined, language: Language): string {
  return time === undefined ? overrideWords.untilNextCommand[language] : until[language](time)
}

/** That a lamp is as it is by command: whose, and until when. */
export function commandedWords(by: string, time: string | undefined, language: Language): string {
  return byCommand[language](by, orderEndWords(time, language))
}

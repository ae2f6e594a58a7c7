import type { Alert } from './alert.ts'
import { causeWords } from './glossary/alert-cause.ts'
import type { Language } from './language.ts'
import { valueInfo } from './values.ts'

/** The value that alerts of a cause are about. */
export type AlertedValue = Pick<Alert, 'kind' | 'valueName'>

/**
 * What several alerts of one cause are about: the cause, and the value where all are about that one. `đạt mức riêng của cảm biến (Mực
 * nước)`. The same on the page and in e-mail.
 */
export function alertGroupWords(cause: Alert['cause'], values: readonly AlertedValue[], language: Language): string {
  const names = values.map(({ kind, valueName }) =>
    valueName === undefined ? undefined : valueInfo(kind, valueName)?.[language],
  )
  const [name] = names
  if (name === undefined || names.some((other) => other !== name)) return causeWords[cause][language]
  return `${causeWords[cause][language]} (${name})`
}

import type { AlertRule, AlertRuleDraft } from '#telemetry/alert-rule.ts'
import type { Language } from '#telemetry/language.ts'
import { metaInfo, valueInfo } from '#telemetry/values.ts'
import type { Format } from '../i18n/format.ts'
import { fieldsOfCause } from './rule-fields.ts'
import { formOf } from './rule-form.ts'
import { ruleTexts } from './rule-texts.ts'

const inSentence = (label: string) => label.charAt(0).toLowerCase() + label.slice(1)

/** The condition of a rule as its form has it, in one line. */
export function conditionWords(rule: AlertRule | AlertRuleDraft, language: Language, format: Format): string {
  const t = ruleTexts[language]
  const { kind, cause, fields } = formOf(rule)
  const info = valueInfo(kind, fields.value ?? '')
  const parts = fieldsOfCause[cause].flatMap(({ name, label, type, unit, choices }) => {
    const held = fields[name] ?? ''
    if (held === '' || held === '0') return []
    if (type === 'value') return info?.[language] ?? held
    if (type === 'level')
      return `${inSentence(label[language])}: ${inSentence(metaInfo(kind, held)?.[language] ?? held)}`
    const words = choices
      ? held.split(' ').map((one) => choices[one]?.[language] ?? one) // unless the rule is newer
      : [format.number(Number(held), held.split('.')[1]?.length ?? 0)]
    const shownUnit = type === 'size' && info ? format.unit(info) : unit ? t.units[unit] : ''
    return `${inSentence(label[language])} ${words.join(', ')}${shownUnit && ` ${shownUnit}`}`
  })
  const text = parts.join(', ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

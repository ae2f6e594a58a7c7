import { describe, expect, it } from 'vitest'
import { defaultRules } from '#alerts/rules/default-rules.ts'
import { languages } from '#telemetry/language.ts'
import { conditionWords } from '../../dashboard/src/alerts/condition-words.ts'
import { createFormat } from '../../dashboard/src/i18n/format.ts'

const rules = new Map(defaultRules())
const said = (id: string, language: 'vi' | 'en') => {
  const rule = rules.get(id) ?? expect.fail(`no rule ${id}`)
  return conditionWords(rule, language, createFormat(language, 'Asia/Ho_Chi_Minh'))
}

describe('the condition of a rule in words', () => {
  it.each([...rules.keys()])('of %s holds nothing that is not known, in both languages', (id) => {
    for (const language of languages) {
      expect(said(id, language)).toMatch(/\p{L}{3}/u)
      expect(said(id, language)).not.toMatch(/NaN|undefined|warningLevel|[a-z][A-Z]/)
    }
  })

  it('names the level that a sensor tells, and the unit of the value', () => {
    expect(said('water-warning-2', 'vi')).toBe(
      'Mực nước, mức do cảm biến khai: báo động II, khi giá trị từ mức ấy trở lên, chỉ kết thúc khi trở lại quá ngưỡng thêm 0,05 m, kéo dài ít nhất 300 s',
    )
    expect(said('water-warning-2', 'en')).toMatch(/^Water level, level that the sensor tells: warning level II, /)
    expect(said('supply-voltage', 'en')).toMatch(/^Voltage, .*253 V/)
  })
})

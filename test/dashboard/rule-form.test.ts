import { describe, expect, it } from 'vitest'
import { causes } from '#telemetry/alert-condition.ts'
import { type AlertRuleDraft, alertRuleDraftSchema } from '#telemetry/alert-rule.ts'
import { kinds } from '#telemetry/kinds.ts'
import { fieldsOfCause } from '../../dashboard/src/alerts/rule-fields.ts'
import {
  draftOf,
  formOf,
  initialFields,
  isCauseOf,
  kindForCause,
  levelsOf,
  newForm,
  type RuleForm,
  valuesOf,
} from '../../dashboard/src/alerts/rule-form.ts'

const name = { vi: 'Quy tắc', en: 'Rule' }
const rules: AlertRuleDraft[] = [
  { kind: 'lighting', condition: { type: 'threshold', value: 'voltage', above: 253, below: 207, hysteresis: 2 } },
  { kind: 'traffic', condition: { type: 'threshold', value: 'occupancy', above: 0.35, hysteresis: 0.05 } },
  { kind: 'air-quality', condition: { type: 'rate', value: 'pm25', change: 40.5, withinSeconds: 600 } },
  { kind: 'air-quality', condition: { type: 'stuck', value: 'temperature', tolerance: 0.1, forSeconds: 3_600 } },
  { kind: 'traffic', condition: { type: 'silence', periods: 5, minSeconds: 60 } },
  {
    kind: 'lighting',
    condition: { type: 'own-level', value: 'activePower', level: 'nominalPower', side: 'above', hysteresis: 5 },
  },
  { kind: 'lighting', condition: { type: 'lamp-dark' } },
  { kind: 'lighting', condition: { type: 'lamp-burning' } },
  { kind: 'lighting', condition: { type: 'lamp-fault' } },
  { kind: 'lighting', condition: { type: 'lamp-power' } },
  { kind: 'air-quality', condition: { type: 'vn-aqi', band: 'unhealthy' } },
  { kind: 'traffic', condition: { type: 'congestion', index: 2.5 } },
  { kind: 'traffic', condition: { type: 'clock', offBySeconds: 600 } },
  { kind: 'lighting', condition: { type: 'group', failures: ['silence', 'lamp-dark'] } },
].map(({ kind, condition }) =>
  alertRuleDraftSchema.parse({
    name,
    priority: 1,
    scope: { kind, wards: ['tan-ninh'], sensors: ['a-1', 'b-2'] },
    condition,
  }),
)

/** The form of a new rule with names, changed. */
const filled = (given: Partial<RuleForm>): RuleForm => ({ ...newForm(), ...name, ...given })
const faultsOf = (form: RuleForm) => {
  const result = draftOf(form)
  return result.ok ? {} : result.faults
}

describe('the form of a rule', () => {
  it.each(rules)('gives back the rule it was made of: $condition.type', (rule) => {
    expect(draftOf(formOf(rule))).toEqual({ ok: true, draft: rule })
  })

  it('knows every cause, and begins each with fields that only need names and sizes', () => {
    expect(new Set(rules.map(({ condition }) => condition.type))).toEqual(new Set(causes))
    for (const cause of causes) {
      const form = filled({ cause, kind: 'lighting', fields: initialFields('lighting', cause) })
      for (const fault of Object.values(faultsOf(form))) expect(['missing', 'no-limit', 'wrong-kind']).toContain(fault)
    }
  })

  it('offers a condition with a level only for kinds and values that have one', () => {
    for (const kind of kinds) {
      const values = valuesOf(kind, 'own-level')
      expect(isCauseOf(kind, 'own-level')).toBe(values.length > 0)
      for (const { name } of values) expect(levelsOf(kind, name)).not.toEqual([])
      expect(isCauseOf(kind, 'threshold')).toBe(true)
    }
    expect(isCauseOf('air-quality', 'own-level')).toBe(false)
    expect(isCauseOf(kindForCause('own-level', 'air-quality'), 'own-level')).toBe(true)
    expect(kindForCause('own-level', 'water-level')).toBe('water-level')
    expect(kindForCause('lamp-dark', 'water-level')).toBe('lighting')
    expect(kindForCause('threshold', 'air-quality')).toBe('air-quality')
    expect(isCauseOf('water-level', 'own-level')).toBe(true)
  })

  it('has words for every field and choice in both languages', () => {
    for (const language of ['vi', 'en'] as const)
      for (const { name, label, type, choices = {} } of Object.values(fieldsOfCause).flat()) {
        expect(label[language], name).toBeTruthy()
        expect(Object.keys(choices).length > 0, name).toBe(type.startsWith('choice'))
        for (const [choice, called] of Object.entries(choices)) expect(called[language], choice).toBeTruthy()
      }
  })

  it('asks for shares in per cent', () => {
    const share = rules.find(({ scope }) => scope.kind === 'traffic') ?? expect.fail('none')
    expect(formOf(share).fields).toMatchObject({ above: '35', hysteresis: '5' })
  })

  it('takes numbers with a comma or a point', () => {
    const fields = { ...initialFields('air-quality', 'threshold'), above: '50,5' }
    expect(draftOf(filled({ fields }))).toMatchObject({ ok: true, draft: { condition: { above: 50.5 } } })
  })

  it.each<[string, Partial<RuleForm>, Record<string, string>]>([
    ['names', { vi: ' ', en: '' }, { vi: 'missing', en: 'missing' }],
    ['limits', {}, { above: 'no-limit' }],
    [
      'numbers',
      { fields: { value: 'pm25', above: 'many', hysteresis: '0', forSeconds: '60' } },
      { above: 'not-a-number' },
    ],
    [
      'lengths',
      { fields: { value: 'pm25', above: '50', hysteresis: '0', forSeconds: '100000' } },
      { forSeconds: 'out-of-range' },
    ],
    [
      'limits that leave no room',
      { fields: { value: 'pm25', above: '50', below: '60', hysteresis: '0', forSeconds: '0' } },
      { below: 'below-above' },
    ],
    [
      'ways that only lamps fail in',
      { kind: 'traffic', cause: 'group', fields: { ...initialFields('traffic', 'group'), failures: 'lamp-dark' } },
      { failures: 'failure-of-other-kind' },
    ],
    [
      'levels that a kind has not',
      { kind: 'air-quality', cause: 'own-level', fields: initialFields('air-quality', 'own-level') },
      { level: 'no-level' },
    ],
    [
      'ids',
      { fields: { ...initialFields('air-quality', 'threshold'), above: '5' }, sensors: 'Ab' },
      { sensors: 'wrong' },
    ],
  ])('says by field what is wrong with %s', (_what, given, faults) => {
    expect(faultsOf(filled(given))).toMatchObject(faults)
  })
})

import type { z } from 'zod'
import {
  type AlertRule,
  type AlertRuleDraft,
  alertRuleDraftSchema,
  kindOfCause,
  type Priority,
} from '#telemetry/alert-rule.ts'
import type { Cause } from '#telemetry/conditions/conditions.ts'
import { requestFaultOf } from '#telemetry/faults/request-faults.ts'
import type { ValueFault } from '#telemetry/faults/value-faults.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import { metaOfKind, type ValueInfo, valueInfo, valuesOfKind } from '#telemetry/values.ts'
import { kindOfNewRule } from '../kinds/kinds.ts'
import { fieldsOfCause } from './rule-fields.ts'

/** A rule as a form holds it: sizes of shares in per cent, everything that is typed as text. */
export interface RuleForm {
  vi: string
  en: string
  enabled: boolean
  priority: Priority
  notify: AlertRuleDraft['notify']
  kind: Kind
  districts: string[]
  wards: string[]
  /** ids, with anything but letters, digits and hyphens between them */
  sensors: string
  cause: Cause
  /** by name of the field; several choices with spaces between them */
  fields: Record<string, string>
}

/** What is wrong with a field; the words are in rule-texts.ts. */
export type RuleFault =
  | 'missing'
  | 'not-a-number'
  | 'out-of-range'
  | 'wrong-kind'
  | 'wrong-value'
  | 'no-level'
  | 'no-limit'
  | 'below-above'
  | 'failure-of-other-kind'
  | 'wrong'

/** By name of the field of the form. */
export type RuleFaults = Record<string, RuleFault>

/** The numeric values of a kind. */
const sizedValues = (kind: Kind) => valuesOfKind[kind].filter(({ type }) => type === 'number')

/** The levels that sensors of a kind tell of themselves in the unit of one of its values. */
export function levelsOf(kind: Kind, value: string | undefined): ValueInfo[] {
  const unit = valueInfo(kind, value ?? '')?.unit
  return metaOfKind[kind].filter((level) => level.type === 'number' && level.unit === unit)
}

/** The values of a kind that a condition may be about; with a level, only those that have one. */
export function valuesOf(kind: Kind, cause: Cause): ValueInfo[] {
  const values = sizedValues(kind)
  const hasLevel = fieldsOfCause[cause].some(({ type }) => type === 'level')
  return hasLevel ? values.filter(({ name }) => levelsOf(kind, name).length > 0) : values
}

/** Whether a kind has what a condition is about: a value, and a level where it takes one. A condition of one kind alone is chosen with it. */
export function isCauseOf(kind: Kind, cause: Cause): boolean {
  const hasValue = fieldsOfCause[cause].some(({ type }) => type === 'value')
  return !hasValue || valuesOf(kind, cause).length > 0
}

/** The kind of a rule that is given another condition: the one it has, unless the condition is not for it. */
export function kindForCause(cause: Cause, kind: Kind): Kind {
  const fitting = isCauseOf(kind, cause) ? kind : kinds.find((other) => isCauseOf(other, cause))
  return kindOfCause[cause] ?? fitting ?? kind
}

/** What the fields of a cause begin with. */
export function initialFields(kind: Kind, cause: Cause): Record<string, string> {
  const fields = fieldsOfCause[cause]
  const value = valuesOf(kind, cause)[0]?.name ?? ''
  const level = levelsOf(kind, value)[0]?.name ?? ''
  return Object.fromEntries(
    fields.map(({ name, type, initial }) => [name, type === 'value' ? value : type === 'level' ? level : initial]),
  )
}

/** The form of a new rule about a kind. */
export function newForm(kind: Kind = kindOfNewRule): RuleForm {
  const cause = 'threshold'
  return {
    ...{ vi: '', en: '', enabled: true, priority: 2, notify: 'by-priority', kind, cause },
    ...{ districts: [], wards: [], sensors: '', fields: initialFields(kind, cause) },
  }
}

/** 100 where a size of this value is shown in per cent */
function scaleOf(kind: Kind, value: string | undefined): number {
  return value !== undefined && valueInfo(kind, value)?.share ? 100 : 1
}

/** A number as one types it, without the noise of per cents. */
const typed = (size: number) => String(Number(size.toPrecision(12)))

/** The form of a rule that there is. */
export function formOf({ name, enabled, priority, notify, scope, condition }: AlertRule | AlertRuleDraft): RuleForm {
  const given: Record<string, unknown> = condition
  const scale = scaleOf(scope.kind, 'value' in condition ? condition.value : undefined)
  const text = (held: unknown, isSize: boolean) => {
    if (held === undefined) return ''
    if (Array.isArray(held)) return held.join(' ')
    return typeof held === 'number' ? typed(isSize ? held * scale : held) : String(held)
  }
  return {
    ...{ vi: name.vi, en: name.en, enabled, priority, notify, kind: scope.kind, cause: condition.type },
    ...{ districts: scope.districts ?? [], wards: scope.wards ?? [], sensors: (scope.sensors ?? []).join('\n') },
    fields: Object.fromEntries(
      fieldsOfCause[condition.type].map((field) => [field.name, text(given[field.name], field.type === 'size')]),
    ),
  }
}

/** A number as people of either language type it: with a comma or a point. */
const numberOf = (text: string) => Number(text.trim().replace(',', '.'))

function conditionOf({ kind, cause, fields }: RuleForm, faults: RuleFaults): Record<string, unknown> {
  const scale = scaleOf(kind, fields.value)
  const condition: Record<string, unknown> = { type: cause }
  for (const { name, type, optional } of fieldsOfCause[cause]) {
    const text = (fields[name] ?? '').trim()
    if (text === '') {
      if (!optional) faults[name] = type === 'level' ? 'no-level' : 'missing'
    } else if (type === 'choices') condition[name] = text.split(/\s+/)
    else if (type === 'size' || type === 'number') {
      const number = numberOf(text)
      if (Number.isNaN(number)) faults[name] = 'not-a-number'
      else condition[name] = type === 'size' ? Number((number / scale).toPrecision(12)) : number
    } else condition[name] = text
  }
  return condition
}

/** codes of a size or a list that is not as large as it may be, or is none */
const outOfRange: ReadonlySet<string> = new Set<ValueFault['code']>([
  ...(['TOO_SMALL', 'TOO_LARGE', 'TOO_SHORT', 'MUST_NOT_BE_EMPTY', 'TOO_LONG'] as const),
  ...(['TOO_FEW', 'TOO_MANY', 'NOT_FINITE', 'WRONG_TYPE'] as const),
])

/** What a complaint of the schema means to whoever fills in the form: by field. */
function faultOf(issue: z.core.$ZodIssue): [string, RuleFault] {
  const { code } = requestFaultOf(issue, { isThere: true }, issue.path.join('.'))
  const [part, field = ''] = issue.path.map(String)
  if (part === 'name') return [field, 'missing']
  if (part === 'scope') return field === 'kind' ? ['kind', 'wrong-kind'] : [field, 'wrong']
  if (part !== 'condition') return [part ?? '', 'wrong']
  if (field === '') return ['above', 'no-limit']
  if (code === 'BELOW_NOT_UNDER_ABOVE') return [field, 'below-above']
  if (code === 'FAILURE_OF_OTHER_KIND') return [field, 'failure-of-other-kind']
  if (field === 'level') return [field, 'no-level']
  if (field === 'value') return [field, 'wrong-value']
  return [field, outOfRange.has(code) ? 'out-of-range' : 'wrong']
}

/** The rule that a form describes, or what is wrong with it, by field. */
export function draftOf(form: RuleForm): { ok: true; draft: AlertRuleDraft } | { ok: false; faults: RuleFaults } {
  const faults: RuleFaults = {}
  for (const language of ['vi', 'en'] as const) if (form[language].trim() === '') faults[language] = 'missing'
  const { enabled, priority, notify, kind, districts, wards } = form
  const sensors = form.sensors.split(/[^a-z0-9-]+/i).filter((id) => id !== '')
  const scope = {
    kind: kindOfCause[form.cause] ?? kind,
    ...(districts.length > 0 ? { districts } : {}),
    ...(wards.length > 0 ? { wards } : {}),
    ...(sensors.length > 0 ? { sensors } : {}),
  }
  const condition = conditionOf(form, faults)
  const name = { vi: form.vi, en: form.en }
  const parsed = alertRuleDraftSchema.safeParse({ name, enabled, priority, notify, scope, condition })
  for (const issue of parsed.error?.issues ?? []) {
    const [field, fault] = faultOf(issue)
    faults[field] ??= fault
  }
  return parsed.success && Object.keys(faults).length === 0 ? { ok: true, draft: parsed.data } : { ok: false, faults }
}

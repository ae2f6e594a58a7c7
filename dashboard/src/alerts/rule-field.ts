import type { Condition } from '#telemetry/alert-condition.ts'
import type { Cause } from '#telemetry/conditions/conditions.ts'
import type { Words } from '#telemetry/language.ts'

/** How a field of a condition is filled in. */
export interface RuleField<Name extends string = string> {
  /** as in the condition */
  name: Name
  /** what it asks */
  label: Words
  /** `level` is a number of the kind's meta; `size` is a number in the unit of the value chosen; `number` has the unit named */
  type: 'value' | 'level' | 'size' | 'number' | 'choice' | 'choices'
  unit?: 's' | 'm' | 'periods'
  optional?: true
  /** what may be chosen, and what each is called */
  choices?: Readonly<Record<string, Words>>
  /** what a new rule begins with: the default of the schema where there is one */
  initial: string
}

type SettingsOf<One> = One extends unknown ? Exclude<keyof One, 'type'> & string : never

/** The fields of a condition, in the order they are asked for. */
export type FieldsOf<Type extends Cause> = readonly RuleField<SettingsOf<Extract<Condition, { type: Type }>>>[]

/** The on-delay, which most conditions have; s. */
export const forSeconds = (initial: string) =>
  ({
    name: 'forSeconds',
    label: { vi: 'Kéo dài ít nhất', en: 'Lasting at least' },
    ...{ type: 'number', unit: 's', initial },
  }) as const satisfies RuleField

/** The deadband of a condition: in the unit of its value, or of an index. */
export const hysteresis = <const Type extends 'size' | 'number'>(type: Type, initial: string) =>
  ({
    name: 'hysteresis',
    label: { vi: 'Chỉ kết thúc khi trở lại quá ngưỡng thêm', en: 'Clears only when back by' },
    ...{ type, initial },
  }) as const satisfies RuleField

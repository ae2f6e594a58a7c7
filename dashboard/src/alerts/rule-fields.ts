import { type Cause, failureWords, type GeneralCause } from '#telemetry/conditions/conditions.ts'
import { conditionFieldsOfKinds } from '../kinds/kinds.ts'
import { type FieldsOf, forSeconds, hysteresis, type RuleField } from './rule-field.ts'

const value = { name: 'value', label: { vi: 'Đại lượng', en: 'Value' }, type: 'value', initial: '' } as const

/** The fields of the conditions that every kind may have. */
const generalFields: { readonly [Type in GeneralCause]: FieldsOf<Type> } = {
  threshold: [
    value,
    {
      ...{ name: 'above', label: { vi: 'Cảnh báo khi lớn hơn', en: 'Raised when above' } },
      ...{ type: 'size', optional: true, initial: '' },
    },
    {
      ...{ name: 'below', label: { vi: 'Cảnh báo khi nhỏ hơn', en: 'Raised when below' } },
      ...{ type: 'size', optional: true, initial: '' },
    },
    hysteresis('size', '0'),
    forSeconds('60'),
  ],
  'own-level': [
    value,
    {
      ...{ name: 'level', label: { vi: 'Mức do cảm biến khai', en: 'Level that the sensor tells' } },
      ...{ type: 'level', initial: '' },
    },
    {
      ...{ name: 'side', label: { vi: 'Khi giá trị', en: 'When the value is' }, type: 'choice', initial: 'above' },
      choices: {
        above: { vi: 'từ mức ấy trở lên', en: 'at the level or above' },
        below: { vi: 'từ mức ấy trở xuống', en: 'at the level or below' },
      },
    },
    hysteresis('size', '0'),
    forSeconds('60'),
  ],
  rate: [
    value,
    {
      ...{ name: 'direction', label: { vi: 'Chiều', en: 'Direction' }, type: 'choice', initial: 'either' },
      choices: {
        up: { vi: 'tăng', en: 'up' },
        down: { vi: 'giảm', en: 'down' },
        either: { vi: 'tăng hoặc giảm', en: 'up or down' },
      },
    },
    { name: 'change', label: { vi: 'Thay đổi từ', en: 'Changes by' }, type: 'size', initial: '' },
    {
      ...{ name: 'withinSeconds', label: { vi: 'Trong vòng', en: 'Within' } },
      ...{ type: 'number', unit: 's', initial: '600' },
    },
  ],
  stuck: [
    value,
    {
      ...{ name: 'tolerance', type: 'size', initial: '0' },
      label: { vi: 'Coi là không đổi nếu chỉ dao động', en: 'Stuck while it moves no more than' },
    },
    forSeconds('3600'),
  ],
  silence: [
    {
      ...{ name: 'periods', label: { vi: 'Im lặng quá', en: 'Silent for more than' } },
      ...{ type: 'number', unit: 'periods', initial: '3' },
    },
    {
      ...{ name: 'minSeconds', label: { vi: 'Và ít nhất', en: 'And at least' } },
      ...{ type: 'number', unit: 's', initial: '0' },
    },
  ],
  clock: [
    {
      ...{ name: 'offBySeconds', label: { vi: 'Đồng hồ sai ít nhất', en: 'Clock wrong by at least' } },
      ...{ type: 'number', unit: 's', initial: '300' },
    },
  ],
  group: [
    {
      ...{ name: 'failures', label: { vi: 'Tính là hỏng khi', en: 'Counts as failing' } },
      ...{ type: 'choices', choices: failureWords, initial: 'silence' },
    },
    {
      ...{ name: 'atLeast', label: { vi: 'Số cảm biến ít nhất', en: 'Sensors at least' } },
      ...{ type: 'number', initial: '3' },
    },
    {
      ...{ name: 'withinMetres', label: { vi: 'Cách nhau không quá', en: 'No further apart than' } },
      ...{ type: 'number', unit: 'm', initial: '500' },
    },
    forSeconds('60'),
  ],
}

/** The fields of each condition, in the order they are asked for. */
export const fieldsOfCause: Readonly<Record<Cause, readonly RuleField[]>> = {
  ...generalFields,
  ...conditionFieldsOfKinds,
}

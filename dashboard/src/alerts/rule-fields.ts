import { alertBands, type Cause, type Condition, type Failure, failures } from '#telemetry/alert-condition.ts'

type NamesOf<One> = One extends unknown ? Exclude<keyof One, 'type'> : never

/** A field of some condition. */
export type RuleFieldName = NamesOf<Condition>

/** What is chosen of a few words: directions, sides of a level, bands of VN_AQI, ways of failing. */
export type RuleChoice =
  | Extract<Condition, { type: 'rate' }>['direction']
  | Extract<Condition, { type: 'own-level' }>['side']
  | (typeof alertBands)[number]
  | Failure

/** How a field of a condition is filled in. `level` is a number of the kind's meta; `size` is a number in the unit of the value chosen; `number` has the unit named. */
export interface RuleField {
  name: RuleFieldName
  type: 'value' | 'level' | 'size' | 'number' | 'choice' | 'choices'
  unit?: 's' | 'm' | 'periods'
  optional?: true
  choices?: readonly RuleChoice[]
  /** what a new rule begins with */
  initial: string
}

const value: RuleField = { name: 'value', type: 'value', initial: '' }
const forSeconds = (initial: string): RuleField => ({ name: 'forSeconds', type: 'number', unit: 's', initial })
const hysteresis = (initial: string): RuleField => ({ name: 'hysteresis', type: 'number', initial })

/** The fields of each condition, in the order they are asked for. Beginnings are the defaults of the schema. */
export const fieldsOfCause: Readonly<Record<Cause, readonly RuleField[]>> = {
  threshold: [
    value,
    { name: 'above', type: 'size', optional: true, initial: '' },
    { name: 'below', type: 'size', optional: true, initial: '' },
    { name: 'hysteresis', type: 'size', initial: '0' },
    forSeconds('60'),
  ],
  'own-level': [
    value,
    { name: 'level', type: 'level', initial: '' },
    { name: 'side', type: 'choice', choices: ['above', 'below'], initial: 'above' },
    { name: 'hysteresis', type: 'size', initial: '0' },
    forSeconds('60'),
  ],
  rate: [
    value,
    { name: 'direction', type: 'choice', choices: ['up', 'down', 'either'], initial: 'either' },
    { name: 'change', type: 'size', initial: '' },
    { name: 'withinSeconds', type: 'number', unit: 's', initial: '600' },
  ],
  stuck: [value, { name: 'tolerance', type: 'size', initial: '0' }, forSeconds('3600')],
  silence: [
    { name: 'periods', type: 'number', unit: 'periods', initial: '3' },
    { name: 'minSeconds', type: 'number', unit: 's', initial: '0' },
  ],
  'lamp-dark': [forSeconds('300')],
  'lamp-burning': [forSeconds('300')],
  'lamp-fault': [forSeconds('300')],
  'lamp-power': [forSeconds('300')],
  'vn-aqi': [{ name: 'band', type: 'choice', choices: alertBands, initial: 'unhealthy' }, hysteresis('5')],
  congestion: [{ name: 'index', type: 'number', initial: '2' }, hysteresis('0.2'), forSeconds('300')],
  clock: [{ name: 'offBySeconds', type: 'number', unit: 's', initial: '300' }],
  group: [
    { name: 'failures', type: 'choices', choices: failures, initial: 'silence' },
    { name: 'atLeast', type: 'number', initial: '3' },
    { name: 'withinMetres', type: 'number', unit: 'm', initial: '500' },
    forSeconds('60'),
  ],
}

import type { FaultWords } from './fault-table.ts'
import type { ruleFaults } from './rule-faults.ts'

/** What is wrong with an alert rule, in English. */
export const ruleWordsEn: FaultWords<typeof ruleFaults> = {
  CONDITION_OF_OTHER_KIND: ({ kind, type }) => `must be ${kind} for a condition of type ${type}`,
  NO_VALUE_OF_KIND: ({ kind }) => `is no value of kind ${kind}`,
  NO_LEVEL_OF_KIND: ({ kind }) => `is no level that kind ${kind} tells of itself in the unit of the value`,
  NO_SIZE: () => 'is a word: it has no size',
  NO_LIMIT: () => 'needs above, below or both',
  BELOW_NOT_UNDER_ABOVE: () => 'must be smaller than above',
  FAILURE_OF_OTHER_KIND: ({ failure, kind }) => `${failure} is for kind ${kind} only`,
}

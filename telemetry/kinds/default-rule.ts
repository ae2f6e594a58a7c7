import type { ConditionGiven } from '../alert-condition.ts'
import type { Words } from '../language.ts'

/** A rule of a new installation; it watches every sensor of its kind. */
export interface DefaultRule {
  name: Words
  priority: 1 | 2 | 3
  condition: ConditionGiven
}

import type { ConditionGiven } from '../alert-condition.ts'

/** A rule of a new installation; it watches every sensor of its kind. */
export interface DefaultRule {
  name: { vi: string; en: string }
  priority: 1 | 2 | 3
  condition: ConditionGiven
}

import type { Words } from '../language.ts'

/** A rule of a new installation; it watches every sensor of its kind. `Given`: what it may look for. */
export interface DefaultRule<Given> {
  name: Words
  priority: 1 | 2 | 3
  condition: Given
}

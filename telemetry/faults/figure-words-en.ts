import type { FaultWords } from './fault-table.ts'
import type { figureFaults } from './figure-faults.ts'

const count = (number: number) => number.toLocaleString('en-US')

/** Why official figures are not given, in English. */
export const figureWordsEn: FaultWords<typeof figureFaults> = {
  SUN_EDGES_LOOK_AT_TOO_MUCH: ({ readings, most }) =>
    `this would look at ${count(readings)} readings, and a question may look at ${count(most)}: edges=hours, whole hours of night and day, would do`,
  FIGURES_OF_OTHER_KIND: ({ kind, ids, more }) =>
    `these figures are of sensors of kind ${kind} alone: leave out ${ids.join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`,
  FIGURES_OF_MORE_DAYS: ({ days }) => `figures are of at most ${count(days)} days: ask for a shorter span`,
}

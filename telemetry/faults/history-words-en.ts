import type { FaultWords } from './fault-table.ts'
import type { historyFaults } from './history-faults.ts'

const list = (names: readonly string[]) => names.join(', ')
const some = ({ ids, more }: { ids: readonly string[]; more: number }) =>
  list(ids) + (more > 0 ? ` and ${more} more` : '')
const count = (number: number) => number.toLocaleString('en-US')

/** Why a question about the past is not answered, in English. */
export const historyWordsEn: FaultWords<typeof historyFaults> = {
  KIND_OR_SENSORS_NEEDED: ({ kinds }) => `name sensors, or a kind: ${list(kinds)}`,
  SENSORS_OF_SEVERAL_KINDS: ({ kinds }) =>
    `these sensors are of several kinds (${list(kinds)}): ask once for each kind`,
  SENSORS_OF_OTHER_KIND: ({ kind, ...sensors }) =>
    `${some(sensors)}: no sensor of kind ${kind}; name others, or leave kind out`,
  NO_SUCH_GROUPS: ({ by, known, ...groups }) =>
    `there is no ${by} ${some(groups)}; ${known.length > 0 ? `known are ${list(known)}` : `no sensor has a ${by}`}`,
  VALUE_OF_OTHER_KIND: ({ name, kind, others, values }) =>
    `${name} is a value of ${list(others)}: ask with kind=${others[0] ?? ''}; ${kind} has ${list(values)}`,
  NO_FIGURES_OF_WORDS: ({ name, values }) =>
    `${name} is a word: it has no figures, read it with GET /api/v1/sensors/{id}/history?window=raw; figures are of ${list(values)}`,
  NOT_A_COUNTER: ({ name, counters }) =>
    `increase is of counters, and ${name} is none; ` +
    (counters.length > 0 ? `counters are ${list(counters)}` : 'ask for sum, or for mean'),
  LIMIT_NEEDED: () => 'shareAbove needs limit, in the unit of the value',
  LIMIT_OF_SHARE_ABOVE: () => 'limit is of shareAbove: ask for that among functions, or leave limit out',
  LIMIT_OF_ONE_VALUE: () => 'limit is of one value: ask for shareAbove of one value at a time',
  WINDOW_OR_POINTS: () => 'give window or points, not both',
  PROFILE_HAS_NO_WINDOW: () => 'a profile has one figure per weekday and hour: leave window and points out',
  NO_PERCENTILES_IN_PROFILE: ({ functions }) =>
    `a profile has no ${list(functions)}: ask for mean, min or max, or for percentiles with window=1h`,
  SPAN_NOT_BEGUN: () => 'this span has not begun yet: from must be in the past',
  TOO_MANY_SERIES: ({ series, most }) =>
    `this would be ${count(series)} series, and an answer has at most ${count(most)}: ask with another groupBy, for fewer sensors or values, or, as a program, for JSON lines (Accept: application/x-ndjson)`,
  TOO_MANY_FIGURES: ({ figures, most, window }) =>
    `this would be ${count(figures)} figures, and an answer has at most ${count(most)}: ` +
    (window === undefined ? 'ask for fewer series, or a shorter span' : `window=${window} would do`),
  TOO_MANY_READINGS_ASKED: ({ readings, most, window, days }) =>
    `this would look at ${count(readings)} readings, and a question may look at ${count(most)}: ` +
    (window !== undefined
      ? `window=${window} would do`
      : days !== undefined
        ? `a span of ${count(days)} days would do`
        : 'ask for fewer sensors, or a shorter span'),
}

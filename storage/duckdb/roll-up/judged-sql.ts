import { stepsPerUnit } from '../../roll-ups.ts'
import { column } from '../schema.ts'
import { partOf } from './roll-up-tables.ts'

/** most steps that a corrected value may have: what is larger is no longer exact in a double */
const mostSteps = Number.MAX_SAFE_INTEGER

const segmentOf = (value: string) => `"segment_${value}"`

/** Why a value of a reading `r` does not count by its clock or its device; null when it does. */
function unusableOf(value: string): string {
  return `(CASE WHEN r."aheadMs" IS NOT NULL THEN 'clock'
    WHEN r.states IS NOT NULL THEN nullif(regexp_extract(r.states, '(?:^|,)${value}:([a-z]+)', 1), '') END)`
}

/** The steps of a value that people decided about. */
function correctedSteps(value: string): string {
  const [measured, segment] = [`r.${column(value)}`, segmentOf(value)]
  const changed = `round((${measured} * ${segment}.factor + ${segment}."offset") * ${stepsPerUnit})`
  const bounded = `least(greatest(${changed}, -${mostSteps}), ${mostSteps})`
  return `CASE WHEN ${segment}.sensor IS NULL OR ${segment}.exclusion IS NOT NULL OR ${unusableOf(value)} IS NOT NULL
    THEN round(${measured} * ${stepsPerUnit}) ELSE ${bounded} END`
}

/**
 * Columns of a value of readings `r`, as `judgeValue` judges: `steps`, `x` (why it does not count) and `corrected` (whether a person
 * left it out or changed it), null or false where it is not held. `isCorrected`: whether people decided about it at all; then
 * {@link segmentJoins} are needed.
 */
export function judgedColumns(value: string, isCorrected: boolean): string {
  const [measured, unusable] = [`r.${column(value)}`, unusableOf(value)]
  const segment = segmentOf(value)
  const why = isCorrected ? `coalesce(${unusable}, ${segment}.exclusion)` : unusable
  const steps = isCorrected ? correctedSteps(value) : `round(${measured} * ${stepsPerUnit})`
  const corrected = `${measured} IS NOT NULL AND ${unusable} IS NULL AND ${segment}.sensor IS NOT NULL`
  return [
    `(${steps})::BIGINT AS ${partOf(value, 'steps')}`,
    `CASE WHEN ${measured} IS NOT NULL THEN ${why} END AS ${partOf(value, 'x')}`,
    `${isCorrected ? corrected : 'false'} AS ${partOf(value, 'corrected')}`,
  ].join(', ')
}

/** Joins what people decided about these values of readings `r`: never two segments of one value at one time. */
export function segmentJoins(values: readonly string[]): string {
  const joins = values.map((value) => {
    const segment = segmentOf(value)
    return `LEFT JOIN segments AS ${segment} ON ${segment}.value = '${value}' AND ${segment}.sensor = r.sensor
      AND r.ts >= ${segment}."from" AND r.ts < ${segment}."to"`
  })
  return joins.join('\n')
}

const fields =
  '[{"value":"VARCHAR","from":"BIGINT","to":"BIGINT","exclusion":"VARCHAR","factor":"DOUBLE","offset":"DOUBLE"}]'

/** Temporary table of what people decided about sensors of one kind, and how it is filled with what changes anything. Parameter `kind`. */
export const segmentsTable =
  'segments (sensor VARCHAR, value VARCHAR, "from" BIGINT, "to" BIGINT, exclusion VARCHAR, factor DOUBLE, "offset" DOUBLE)'
export const fillSegmentsSql = `INSERT INTO segments SELECT sensor, segment.value, segment."from", segment."to",
    segment.exclusion, segment.factor, segment."offset"
  FROM (SELECT body->>'sensor' AS sensor, unnest(from_json(body->'segments', '${fields}')) AS segment
    FROM documents WHERE collection = 'correction-segments' AND (body->>'kind') = $kind)
  WHERE segment.exclusion IS NOT NULL OR segment.factor <> 1 OR segment."offset" <> 0`

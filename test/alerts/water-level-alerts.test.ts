import { expect, it } from 'vitest'
import { createEvaluator, isReadingCondition } from '#alerts/evaluators/create-evaluator.ts'
import { defaultRules } from '#alerts/rules/default-rules.ts'
import { minuteMs } from '#telemetry/durations.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'

const start = Date.UTC(2026, 10, 25)
const meta: SensorMeta = {
  ...{ name: { vi: 'Trạm mẫu', en: 'Sample' }, position: [106.1, 11.31], period: 60 },
  ...{ warningLevel1: 2, warningLevel2: 2.5, warningLevel3: 3 },
}
const gauge = (minute: number, level: number): Reading => ({
  ...{ kind: 'water-level', district: 'tay-ninh', sensor: 'gauge-1', ts: start + minute * minuteMs },
  values: { level },
})

/** What the default rules of gauges make of a level in each minute: `rule raise@minute value/limit`. */
function story(levels: readonly number[], of: SensorMeta = meta): string[] {
  return defaultRules().flatMap(([id, { scope, condition }]) => {
    if (scope.kind !== 'water-level' || !isReadingCondition(condition)) return []
    const evaluator = createEvaluator(condition)
    return levels.flatMap((level, minute) => {
      const transition = evaluator.evaluate(gauge(minute, level), of)
      if (!transition) return []
      const { type } = transition
      const said = type === 'raise' ? ` ${transition.finding.value}/${transition.finding.limit}` : ''
      return [`${id} ${type}@${minute}${said}`]
    })
  })
}
const minutes = (count: number, level: number) => Array.from({ length: count }, () => level)

it('water at a warning level of the gauge is told with that level, once it has stayed there for 5 minutes', () => {
  const levels = [
    ...minutes(10, 2.1),
    ...minutes(10, 2.4),
    ...minutes(10, 2.6),
    ...minutes(5, 2.47),
    2.4,
    ...minutes(5, 1.9),
  ]
  expect(story(levels)).toEqual([
    'water-warning-2 raise@25 2.6/2.5',
    'water-warning-2 clear@35',
    'water-warning-1 raise@5 2.1/2',
    'water-warning-1 clear@36',
    'water-rising raise@20 2.6/0.5',
    'water-rising clear@30',
  ])
})

it('a gauge without levels is watched for its rise alone', () => {
  const { warningLevel1: _1, warningLevel2: _2, warningLevel3: _3, ...bare } = meta
  const rising = Array.from({ length: 61 }, (_, minute) => 1 + minute * 0.01)
  expect(story(rising, bare)).toEqual(['water-rising raise@50 1.5/0.5'])
})

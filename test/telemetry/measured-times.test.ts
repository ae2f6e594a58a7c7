import { describe, expect, it } from 'vitest'
import { measuredTimes } from '#telemetry/measured-times.ts'

const ts = Date.UTC(2026, 10, 20)

describe('the times of a refused message', () => {
  it.each([
    ['one reading', `{"ts":${ts},"pm25":99999}`, [ts]],
    [
      'a batch, whatever else is wrong in it',
      `[{"ts":${ts}},{"ts":"x"},7,null,{"ts":${ts + 1},"pm25":{}}]`,
      [ts, ts + 1],
    ],
    ['a byte order mark in front and NULs behind', `\ufeff{"ts":${ts}}\0\0\n`, [ts]],
    ['a stray NUL', `[{"ts":${ts},"pm25":1},{"ts"\0:1},{"ts" : ${ts + 1}\0}]`, [ts, ts + 1]],
    ['NaN', `{"ts":${ts},"pm25":NaN}`, [ts]],
    ['what was cut behind its time', `[{"ts":${ts}},{"ts":${ts + 1},"pm`, [ts, ts + 1]],
    ['what was cut within a number', `[{"ts":${ts}},{"ts":${ts + 1}`, [ts]],
    ['no times', '{"ts":12,"pm25":1}', []],
    ['times of no calendar', `{"ts":12,"pm25":NaN,"ts":${ts}.5,"ts":${ts}e3 }`, []],
    ['nothing', '', []],
  ])('are found in %s', (_what, payload, times) => {
    expect(measuredTimes(payload)).toEqual(times)
  })
})

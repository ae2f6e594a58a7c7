import { sensorTopic } from '#telemetry/topics.ts'

/** A message of an air-quality station, and the measuring times that its sender believes in. */
export interface ContentMessage {
  sensor: string
  payload: string | Buffer
  times: number[]
}

/** Topic of such a message. */
export const contentTopic = (sensor: string) =>
  sensorTopic({ district: 'tay-ninh', kind: 'air-quality', sensor, channel: 'reading' })

const one = (sensor: string, ts: number, rest: string): ContentMessage => ({
  ...{ sensor, times: [ts] },
  payload: `{"ts":${ts},${rest}}`,
})

/** Messages in which one thing is wrong, or that split and correct values of one time, measured from `base` on; `many` readings of each flood. */
export function contentFaults(base: number, many: number): ContentMessage[] {
  const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
  const items = (count: number, item: (n: number) => string) => {
    const times = Array.from({ length: count }, (_, n) => base + n)
    return { times, texts: times.map((ts, n) => `{"ts":${ts},${item(n)}}`) }
  }
  const invalid = items(1_000, () => '"pm25":99999')
  const stray = items(300, (n) => `"pm25":${n}`)
  const torn = items(300, (n) => (n === 150 ? '"pm25":1\x002' : `"pm25":${n}`))
  const lone = items(many, () => '"pm25":-1')
  return [
    ...[100, 4_500, 7_900].map((depth, n) => one('deep', base + n, `"pm25":${deep(depth)}`)),
    { sensor: 'batch', times: invalid.times, payload: `[${invalid.texts.join(',')}]` },
    { sensor: 'stray', times: stray.times, payload: `[${stray.texts.join(',\0')}]` },
    { sensor: 'torn', times: torn.times, payload: `[${torn.texts.join(',')}]` },
    ...['null', '1e400', '9007199254740993', '"12"', '-1', '{}', '[1]', 'true', 'NaN', '-Infinity'].map((value, n) =>
      one('mixed', base + n, `"pm25":${value},"temperature":30`),
    ),
    { sensor: 'marked', times: [base], payload: `\ufeff{"ts":${base},"pm25":5}\r\n\0\0` },
    { sensor: 'bytes', times: [base], payload: Buffer.from(`{"ts":${base},"pm25":5,"x":"\xff"}`, 'latin1') },
    // one time in three messages, and one that contradicts
    ...['"pm25":1', '"temperature":30', '"pm10":3', '"pm25":2'].map((rest) => one('united', base, rest)),
    // more than the quarantine takes of one sensor, and of one credential however many sensors it names
    ...lone.texts.map((payload, n) => ({ sensor: 'noisy', payload, times: [base + n] })),
    ...lone.texts.map((payload, n) => ({ sensor: `made-up-${n}`, payload, times: [base + n] })),
  ]
}

/** Readings of eight other sensors, in which nothing is wrong. */
export function goodMessages(base: number, each: number): ContentMessage[] {
  return Array.from({ length: 8 * each }, (_, n) => one(`good-${n % 8}`, base + Math.floor(n / 8), `"pm25":${n % 500}`))
}

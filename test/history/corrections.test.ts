import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCorrectionFile } from '#history/corrections/correction-file.ts'
import { withStates } from '#history/corrections/entry-states.ts'
import { type AppliedCorrection, flattenCorrections } from '#history/corrections/flatten-corrections.ts'
import { maxFilePoints, type StoredCorrection, storedCorrectionSchema } from '#telemetry/data-corrections.ts'
import { sayRequestFault } from '#telemetry/faults/request-words.ts'
import { valuesOfKind } from '#telemetry/values.ts'

const start = Date.UTC(2026, 10, 20)
const kind = 'air-quality'
const idAt = (at: number) => `${at.toString(36)}-${'0'.repeat(12)}`

const span = fc
  .tuple(fc.nat(30), fc.integer({ min: 1, max: 15 }))
  .map(([from, length]) => ({ from, to: from + length }))
const exclude = fc.constantFrom('invalid', 'calibrating', 'maintenance').map((as) => ({ type: 'exclude', as }) as const)
const linear = fc
  .record({ factor: fc.constantFrom(1, 2), offset: fc.constantFrom(0, -4) })
  .map((change) => ({ type: 'linear', ...change }) as const)
const points = fc
  .uniqueArray(fc.tuple(fc.nat(40), fc.nat(5)), { minLength: 1, maxLength: 6, selector: ([ts]) => ts })
  .map((some) => some.toSorted(([a], [b]) => a - b))
const name = fc.constantFrom('pm25', 'no2')

const correction: fc.Arbitrary<AppliedCorrection> = fc
  .oneof(
    fc.record({ value: fc.option(name, { nil: undefined }), span, change: exclude }),
    fc.record({ value: name, span, change: linear }),
    fc.record({ value: name, span, points }).map(({ value, points: some, span: whole }) => ({
      ...{ value, span: whole, points: some, change: { type: 'file', points: some.length } as const },
    })),
  )
  .map(({ span: own, value, ...rest }) => ({ id: '', kind, ...(value !== undefined && { value }), ...own, ...rest }))

/** What a plain look at all corrections finds for a value at a moment: the last one that is about it. */
function effectAt(corrections: readonly AppliedCorrection[], value: string, ts: number) {
  for (const { value: of = value, from, to, change, points: some } of corrections.toReversed()) {
    if (of !== value) continue
    const point = some?.find(([at]) => at === ts)
    if (change.type === 'file') {
      if (point) return { factor: 0, offset: point[1] }
    } else if (from <= ts && ts < to)
      return change.type === 'exclude' ? { exclusion: change.as } : { factor: change.factor, offset: change.offset }
  }
  return { factor: 1, offset: 0 }
}

describe('corrections as segments', () => {
  it('are at each moment what the last one says, never two of one value at once, and as few as they can be', () => {
    fc.assert(
      fc.property(fc.array(correction, { maxLength: 12 }), (corrections) => {
        const segments = flattenCorrections(corrections)
        for (const { name: value, type } of valuesOfKind[kind]) {
          const own = segments.filter((segment) => segment.value === value)
          for (let ts = 0; ts < 50; ts++) {
            const found = own.filter(({ from, to }) => from <= ts && ts < to)
            expect(found.length).toBeLessThanOrEqual(1)
            const [{ exclusion, factor, offset } = { exclusion: undefined, factor: 1, offset: 0 }] = found
            const effect = exclusion === undefined ? { factor, offset } : { exclusion }
            expect([value, ts, effect]).toEqual([value, ts, effectAt(corrections, value, ts)])
          }
          expect(type === 'number' || own.every(({ exclusion }) => exclusion !== undefined)).toBe(true)
          for (const [at, { from, to, exclusion, factor, offset }] of own.entries()) {
            expect(to).toBeGreaterThan(from)
            const next = own[at + 1]
            if (next?.from === to)
              expect([next.exclusion, next.factor, next.offset]).not.toEqual([exclusion, factor, offset])
          }
        }
      }),
    )
  })

  it('of thousands of points are made at once', () => {
    const some = Array.from({ length: maxFilePoints }, (_, at): [number, number] => [start + 60_000 * at, at])
    const whole = { id: '', kind, from: start, to: start + 60_000 * maxFilePoints } as const
    const segments = flattenCorrections([
      { ...whole, change: { type: 'exclude', as: 'invalid' } },
      { ...whole, value: 'pm25', change: { type: 'file', points: some.length }, points: some },
    ])
    expect(segments.filter(({ value }) => value === 'pm25')).toHaveLength(2 * maxFilePoints)
  })
})

describe('entries', () => {
  const recorded = (at: number, by: string) =>
    ({ id: idAt(start + at), at: start + at, by, kind, sensor: 'aq-1' }) as const
  const change = { type: 'exclude', as: 'invalid' } as const
  const correct = (at: number, by: string, needsConfirmation = false): StoredCorrection => ({
    ...{ type: 'correction', ...recorded(at, by), from: start, to: start + 1, change, reason: 'x', needsConfirmation },
  })
  const undo = (at: number, of: number, by: string, needsConfirmation = false): StoredCorrection => ({
    ...{ type: 'undoing', ...recorded(at, by), undoes: idAt(start + of), reason: 'x', needsConfirmation },
  })
  const decide = (at: number, of: number, by: string, verdict: 'confirmed' | 'rejected'): StoredCorrection => ({
    ...{ type: 'verdict', ...recorded(at, by), about: idAt(start + of), verdict, comment: '' },
  })
  const statesOf = (...stored: StoredCorrection[]) => withStates(stored).map(({ state }) => state)

  it.each<[string, StoredCorrection[], string[]]>([
    ['count at once', [correct(1, 'Hoa')], ['in-force']],
    ['wait for a second person', [correct(1, 'Hoa', true)], ['waiting']],
    ['not for the same one', [correct(1, 'Hoa', true), decide(2, 1, 'Hoa', 'confirmed')], ['waiting']],
    ['nor for a key of theirs', [correct(1, 'Hoa/script', true), decide(2, 1, 'Hoa', 'confirmed')], ['waiting']],
    ['are confirmed', [correct(1, 'Hoa', true), decide(2, 1, 'Minh', 'confirmed')], ['in-force']],
    ['or rejected', [correct(1, 'Hoa', true), decide(2, 1, 'Minh', 'rejected')], ['rejected']],
    [
      'by the first who decides',
      [correct(1, 'Hoa', true), decide(2, 1, 'Minh', 'rejected'), decide(3, 1, 'Lan', 'confirmed')],
      ['rejected'],
    ],
    ['are undone', [correct(1, 'Hoa'), undo(2, 1, 'Minh')], ['undone', 'in-force']],
    ['once that is confirmed', [correct(1, 'Hoa'), undo(2, 1, 'Minh', true)], ['in-force', 'waiting']],
    [
      'and are in force again',
      [correct(1, 'Hoa'), undo(2, 1, 'Minh'), undo(3, 2, 'Hoa')],
      ['in-force', 'undone', 'in-force'],
    ],
    ['whatever is undone', [undo(2, 1, 'Minh')], ['in-force']],
  ])('%s', (_what, stored, states) => {
    for (const entry of stored) storedCorrectionSchema.parse(entry)
    expect(statesOf(...stored)).toEqual(states)
    // in whatever order they come, and how often
    expect(statesOf(...stored.toReversed(), ...stored)).toEqual(states)
  })
})

describe('a file of corrections', () => {
  const at = '2026-11-20T07:00:00+07:00'
  const good: [string, string][] = [
    ['times in ms', `${start},12.5\n${start + 1},-3`],
    ['ISO 8601, and a heading', `ts,value\r\n${at},12.5\r\n2026-11-20T00:00:00.001Z,-3\r\n`],
    ['Excel in Vietnamese', `\ufeffthời gian;giá trị\n${at};12,5\n"2026-11-20 00:00:00.001Z";"-3"\n`],
    ['tabs, empty lines, any order', `\n${start + 1}\t-3\n\n${start}\t12.5`],
  ]
  it.each(good)('holds %s', (_what, text) => {
    expect(parseCorrectionFile(text)).toEqual({
      ok: true,
      points: [
        [start, 12.5],
        [start + 1, -3],
      ],
    })
  })

  const wrong: [string, string, string][] = [
    ['', 'FILE_EMPTY', ''],
    ['ts,value\n', 'FILE_EMPTY', ''],
    [`ts,value\n${start},x`, 'LINE_NOT_A_POINT', 'line 2'],
    [`${start}`, 'LINE_NOT_A_POINT', 'line 1'],
    [`${start},1\n2026-11-20T07:00:00,1`, 'LINE_NOT_A_POINT', 'line 2'],
    ['2026-02-30T07:00:00+07:00,1', 'LINE_NOT_A_POINT', 'line 1'],
    [`${start},1,2`, 'LINE_NOT_A_POINT', 'line 1'],
    [`${start},Infinity`, 'LINE_NOT_A_POINT', 'line 1'],
    [`5,1`, 'LINE_NOT_A_POINT', 'line 1'],
    [`${start},1\n${at},2`, 'LINE_REPEATED', 'line 2'],
    [Array.from({ length: maxFilePoints + 1 }, (_, i) => `${start + i},1`).join('\n'), 'FILE_TOO_LONG', '5000'],
  ]
  it.each(wrong)('is refused with the line: %.60j', (text, code, said) => {
    const parsed = parseCorrectionFile(text)
    const fault = parsed.ok ? undefined : parsed.fault
    expect(fault).toMatchObject({ path: 'body.change.text', code })
    for (const language of ['en', 'vi'] as const)
      expect(fault && sayRequestFault(language, fault)).toContain(
        language === 'en' ? said : said.replace('line', 'dòng'),
      )
  })

  it('never throws, and of what it takes all is a point', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.tuple(fc.integer(), fc.double()).map(String))), (lines) => {
        const parsed = parseCorrectionFile(lines.join('\n'))
        if (!parsed.ok) return
        for (const [ts, value] of parsed.points) expect(Number.isInteger(ts) && Number.isFinite(value)).toBe(true)
      }),
    )
  })
})

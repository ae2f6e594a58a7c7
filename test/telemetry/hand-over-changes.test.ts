import { describe, expect, it } from 'vitest'
import { minuteMs } from '#telemetry/durations.ts'
import {
  type AlertItem,
  type HandOverSnapshot,
  handOverSnapshotSchema,
  type SilentSensor,
} from '#telemetry/hand-over.ts'
import { changesSince, whyReadAgain } from '#telemetry/hand-over-changes.ts'

const at = Date.UTC(2026, 10, 20, 6)
const alert = (id: string, given: Partial<AlertItem> = {}): AlertItem => ({
  ...{ id, name: { vi: 'Bụi', en: 'Dust' }, priority: 1, state: 'unacknowledged', sensor: 's-1', sensors: 1 },
  ...{ district: 'tay-ninh', raisedAt: at },
  ...given,
})
const silent = (sensor: string, freshness: SilentSensor['freshness']): SilentSensor => ({
  ...{ sensor, freshness, kind: 'air-quality', district: 'tay-ninh' },
})
const listOf = <Item>(items: Item[]) => ({ total: items.length, items })
const snapshot = (
  open: AlertItem[],
  {
    shelved = [],
    offline = [],
    notes = [],
  }: { shelved?: AlertItem[]; offline?: SilentSensor[]; notes?: string[] } = {},
): HandOverSnapshot => ({
  ...{ at, watching: true, onDuty: [], open: { ...listOf(open), critical: 0 } },
  ...{ shelved: listOf(shelved), overridden: listOf([]), offline: listOf(offline), notes: listOf(notes) },
})
const shelf = { by: 'Lan', at, until: at + 1, comment: 'x' }

describe('what has changed since a hand-over was read', () => {
  it.each([
    ['nothing', snapshot([alert('a')]), snapshot([alert('a')]), [0, 0, 0], false],
    ['a new critical alert', snapshot([]), snapshot([alert('a')]), [1, 1, 0], true],
    ['a new warning', snapshot([]), snapshot([alert('a', { priority: 2 })]), [1, 0, 0], false],
    ['one raised anew', snapshot([alert('a')]), snapshot([alert('a', { raisedAt: at + 1 })]), [1, 1, 0], true],
    ['one acknowledged', snapshot([alert('a')]), snapshot([alert('a', { state: 'acknowledged' })]), [1, 0, 0], false],
    ['one that is over', snapshot([alert('a')]), snapshot([]), [1, 0, 0], false],
    [
      'one taken back from the shelf',
      snapshot([], { shelved: [alert('a', { state: 'shelved', shelved: shelf })] }),
      snapshot([alert('a')]),
      [1, 0, 0],
      false,
    ],
    [
      'a shelf that lasts longer',
      snapshot([], { shelved: [alert('a', { state: 'shelved', shelved: shelf })] }),
      snapshot([], { shelved: [alert('a', { state: 'shelved', shelved: { ...shelf, until: at + 9 } })] }),
      [1, 0, 0],
      false,
    ],
    [
      'a sensor that left, and one that came back',
      snapshot([], { offline: [silent('s-1', 'stale'), silent('s-2', 'offline')] }),
      snapshot([], { offline: [silent('s-1', 'offline')] }),
      [2, 0, 0],
      false,
    ],
    ['a note', snapshot([], { notes: ['n-1'] }), snapshot([], { notes: ['n-2', 'n-1'] }), [1, 0, 1], true],
  ])('%s', (_what, read, now, [changes, critical, notes], mustRead) => {
    const found = changesSince(read, now)
    expect(found).toMatchObject({ changes, critical, notes })
    expect(whyReadAgain(read, now)?.code).toBe(mustRead ? 'HAND_OVER_CHANGED' : undefined)
  })

  it('has to be read anew after an hour, and when somebody else signed, though nothing changed', () => {
    const read = snapshot([])
    expect(whyReadAgain(read, { ...read, at: at + 60 * minuteMs })).toBeUndefined()
    expect(whyReadAgain(read, { ...read, at: at + 60 * minuteMs + 1 })).toEqual({
      code: 'READ_TOO_LONG_AGO',
      params: { minutes: 60 },
    })
    expect(whyReadAgain(read, { ...read, since: at })?.code).toBe('HANDED_OVER_MEANWHILE')
  })

  it('has to be read anew once it is known what is open', () => {
    const unknown = { ...snapshot([]), watching: false }
    expect(whyReadAgain(unknown, unknown)).toBeUndefined()
    expect(whyReadAgain(unknown, snapshot([alert('a', { priority: 2 })]))?.code).toBe('HAND_OVER_CHANGED')
  })

  it('takes no alert for new that was open behind those that were listed', () => {
    const raised = (id: string, minutes: number) => alert(id, { raisedAt: at - minutes * minuteMs })
    const listed = { ...snapshot([raised('a', 1), raised('b', 2)]) }
    const read = { ...listed, open: { ...listed.open, total: 3 } }
    expect(changesSince(read, snapshot([raised('b', 2), raised('c', 3)])).critical).toBe(0)
    expect(changesSince(read, snapshot([raised('d', 0), raised('a', 1)])).critical).toBe(1)
    expect(changesSince(listed, snapshot([raised('b', 2), raised('c', 3)])).critical).toBe(1)
  })

  it('is read from a release that lists no lamps under manual control', () => {
    const { overridden: _, ...older } = snapshot([])
    expect(handOverSnapshotSchema.parse(older).overridden).toEqual({ total: 0, items: [] })
  })
})

import { describe, expect, it } from 'vitest'
import { paginateEvents } from '#storage/event-pagination.ts'
import type { EventStream, TelemetryStore } from '#storage/store.ts'
import { alert, start } from './store-samples.ts'

/** What a store promises of events; `opened` gives the store of the running test. */
export function eventsContract(opened: () => TelemetryStore): void {
  describe('events', () => {
    const read = (query: { stream?: EventStream; from?: number; to?: number; limit?: number } = {}) =>
      opened().readEvents({ stream: 'alert', limit: 1_000, ...query })

    it('are none in a new store', async () => {
      expect(await read()).toEqual([])
      expect(await opened().countEvents('alert')).toBe(0)
    })

    it('appended twice are one, within a call and across calls', async () => {
      await opened().appendEvents([alert('a-1', start), alert('a-1', start), alert('a-2', start)])
      await opened().appendEvents([alert('a-1', start)])
      expect(await opened().countEvents('alert')).toBe(2)
      expect((await read()).map(({ id }) => id).toSorted()).toEqual(['a-1', 'a-2'])
    })

    it('come newest first, from ≤ ts < to, and no more than asked for', async () => {
      await opened().appendEvents([2, 0, 3, 1].map((i) => alert(`a-${i}`, start + i)))
      const ids = async (query: Parameters<typeof read>[0]) => (await read(query)).map(({ id }) => id)
      expect(await ids({})).toEqual(['a-3', 'a-2', 'a-1', 'a-0'])
      expect(await ids({ from: start + 1, to: start + 3 })).toEqual(['a-2', 'a-1'])
      expect(await ids({ from: start + 2 })).toEqual(['a-3', 'a-2'])
      expect(await ids({ to: start + 2, limit: 1 })).toEqual(['a-1'])
    })

    it('of one millisecond are all kept', async () => {
      await opened().appendEvents(Array.from({ length: 600 }, (_, i) => alert(`a-${i}`, start)))
      expect(await opened().countEvents('alert')).toBe(600)
      expect(new Set((await read()).map(({ id }) => id)).size).toBe(600)
    })

    it('come in pages, each once and newest first, however many there are of one millisecond', async () => {
      const times = [
        ...Array<number>(2_500).fill(start + 5),
        ...Array.from({ length: 1_200 }, (_, i) => start + 10 + i),
      ]
      await opened().appendEvents(times.map((ts, i) => alert(`a-${i}`, ts)))
      const collect = async (span: { from?: number; to?: number }) => {
        const events: { id: string; ts: number }[] = []
        for await (const page of paginateEvents(opened(), { stream: 'alert', ...span })) events.push(...page)
        return events
      }
      const all = await collect({})
      expect(all.map(({ ts }) => ts)).toEqual(times.toSorted((a, b) => b - a))
      expect(new Set(all.map(({ id }) => id)).size).toBe(times.length)
      expect(await collect({ from: start + 10, to: start + 1_110 })).toHaveLength(1_100)
    })

    it('are trimmed stream by stream', async () => {
      for (const stream of ['alert', 'quarantine'] as const)
        await opened().appendEvents([start - 1, start].map((ts) => ({ stream, id: `e-${ts}`, ts, body: 1 })))
      await opened().trimEvents('alert', start)
      expect((await read()).map(({ ts }) => ts)).toEqual([start])
      expect(await opened().countEvents('quarantine')).toBe(2)
    })

    it('of streams are apart, even with the same id', async () => {
      for (const stream of ['alert', 'quarantine', 'audit'] as const)
        await opened().appendEvents([{ stream, id: 'same', ts: start, body: stream }])
      expect(await read({ stream: 'audit' })).toEqual([{ stream: 'audit', id: 'same', ts: start, body: 'audit' }])
      expect(await opened().countEvents('quarantine')).toBe(1)
    })

    it('give their bodies back exactly, odd characters included', async () => {
      const odd = [
        'quotes " \' ` and \\ backslashes \\\\ at the end \\',
        'lines\nand\r\nmore\tand \u0000 and \u2028',
        'Trạm đo không khí số 1 – Tây Ninh 🌫️ “ngoặc”',
        'a=b, c d\\,e\\=f $from ; DROP DATABASE nhip --',
        '{"ts":1,"pm25":"x"}',
        '',
      ]
      const bodies: unknown[] = [
        ...odd,
        { [odd.join()]: odd, deep: { list: [1, null, true, { a: 1.5 }] } },
        null,
        0,
        [],
      ]
      await opened().appendEvents(bodies.map((body, i) => alert(`${odd[i] ?? 'id'}-${i}`, start + i, body)))
      const found = (await read()).reverse()
      expect(found.map(({ body }) => body)).toEqual(bodies)
      expect(found.map(({ id }) => id)).toEqual(bodies.map((_, i) => `${odd[i] ?? 'id'}-${i}`))
    })
  })
}

import { describe, expect, it } from 'vitest'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { air, start } from './store-samples.ts'

const refusal = (id: number, topic: string, count = 1): StoredEvent => ({
  ...{ stream: 'quarantine', id: `q-${id}`, ts: start + id },
  body: { ts: start + id, topic, payload: 'x'.repeat(1_000), payloadBytes: 1_000, code: 'JSON', reason: 'no', count },
})
const step = (alert: string, revision: number): StoredEvent => ({
  ...{ stream: 'alert', id: `${alert}-${revision}`, ts: start + revision },
  body: { type: 'raised', at: start, alert: { id: alert, revision } },
})

/** What a store promises of questions that ask for a part: `opened` gives the store of the running test. */
export function questionsContract(opened: () => TelemetryStore): void {
  describe('questions', () => {
    it('about one subject get what is about it alone: an alert, a topic, a person', async () => {
      await opened().appendEvents([step('a', 1), step('b', 2), step('a', 3)])
      await opened().appendEvents([
        { stream: 'alert', id: 'checkpoint-1', ts: start, body: { type: 'checkpoint', at: start } },
      ])
      await opened().appendEvents([refusal(1, 't/1'), refusal(2, 't/2'), refusal(3, "t/1' OR 1=1 --")])
      await opened().appendEvents(
        ['anna', 'minh'].map((who, i) => ({ stream: 'audit', id: who, ts: start + i, body: { who, what: 'x' } })),
      )
      const ids = async (stream: StoredEvent['stream'], subject: string) =>
        (await opened().readEvents({ stream, subject, limit: 10 })).map(({ id }) => id)
      expect(await ids('alert', 'a')).toEqual(['a-3', 'a-1'])
      expect(await ids('alert', 'checkpoint')).toEqual(['checkpoint-1'])
      expect(await ids('alert', 'nobody')).toEqual([])
      expect(await ids('quarantine', 't/1')).toEqual(['q-1'])
      expect(await ids('quarantine', "t/1' OR 1=1 --")).toEqual(['q-3'])
      expect(await ids('audit', 'minh')).toEqual(['minh'])
      const span = { from: start + 2, to: start + 3 }
      expect(await opened().readEvents({ stream: 'alert', subject: 'a', ...span, limit: 10 })).toEqual([])
    })

    it('that ask for heads get no bodies, but how many alike each stands for', async () => {
      await opened().appendEvents([refusal(1, 't/1', 7), refusal(2, 't/2')])
      const heads = await opened().eventHeads({ stream: 'quarantine', limit: 10 })
      expect(heads).toEqual([
        { id: 'q-2', ts: start + 2, subject: 't/2', amount: 1 },
        { id: 'q-1', ts: start + 1, subject: 't/1', amount: 7 },
      ])
      expect(await opened().eventHeads({ stream: 'quarantine', subject: 't/1', limit: 10 })).toHaveLength(1)
    })

    it('for what occurs in a subject find it whatever its case, and nothing else', async () => {
      const topics = ['city/v1/Tay-Ninh/air/AQ-1', 'city/v1/x/aq-11', "o'brien/(a.b)+$", 'Trạm/Đo', 'axb', 'a\\b\nc']
      await opened().appendEvents(topics.map((topic, i) => refusal(i, topic)))
      const found = async (subjectPart: string, limit = 10) =>
        (await opened().eventHeads({ stream: 'quarantine', subjectPart, limit })).map(({ subject }) => subject)
      expect(await found('aq-1')).toEqual([topics[1], topics[0]])
      expect(await found('AQ-1', 1)).toEqual([topics[1]])
      expect(await found('/air/')).toEqual([topics[0]])
      expect(await found("O'BRIEN/(A.B)+$")).toEqual([topics[2]])
      expect(await found('a.b')).toEqual([topics[2]])
      expect(await found('trạm/đ')).toEqual([topics[3]])
      expect(await found('a\\b\nc')).toEqual([topics[5]])
      for (const odd of ['nowhere', '.*', '/ OR 1=1 --', '%', '_', '$from', '\ud800'])
        expect(await found(odd), odd).toEqual([])
      const [event] = await opened().readEvents({ stream: 'quarantine', subjectPart: 'axb', limit: 10 })
      expect(event?.id).toBe('q-4')
    })

    it('for how many alike there are count them per time bucket', async () => {
      const at = (ts: number, topic: string, count: number) => ({ ...refusal(ts, topic, count), ts: hour + ts })
      const hour = Math.ceil(start / 3_600_000) * 3_600_000
      await opened().appendEvents([
        ...[at(-1, 't/1', 64), at(0, 't/1', 1), at(999, 't/1', 2), at(1_000, 't/1', 4), at(3_000, 't/1', 8)],
        ...[at(4_000, 't/1', 16), at(2, 't/2', 32)],
      ])
      const query = { stream: 'quarantine', subject: 't/1', from: hour, to: hour + 4_000, window: 1_000 } as const
      expect(await opened().eventAmounts(query)).toEqual([
        { ts: hour, amount: 3 },
        { ts: hour + 1_000, amount: 4 },
        { ts: hour + 3_000, amount: 8 },
      ])
      expect(await opened().eventAmounts({ ...query, subject: 'nobody' })).toEqual([])
    })

    it('end with the reason of their caller, before they are asked and while they are, and others go on', async () => {
      await opened().write(Array.from({ length: 5_000 }, (_, i) => air(`aq-${i % 50}`, start + i, i % 200)))
      const gone = new Error('the caller is gone')
      const span = { kind: 'air-quality' as const, from: start, to: start + 10_000 }
      await expect(opened().counts({ ...span, window: 1_000 }, { signal: AbortSignal.abort(gone) })).rejects.toBe(gone)
      const warnings: Error[] = []
      const warned = (warning: Error) => warnings.push(warning)
      process.on('warning', warned)
      const caller = new AbortController()
      const asked = { signal: caller.signal }
      const questions = Promise.allSettled(
        Array.from({ length: 40 }, () => opened().means({ ...span, values: ['pm25'], window: 1 }, asked)),
      )
      const reading = (async () => {
        for await (const _page of opened().readings({ ...span, limit: 10_000 }, asked)) caller.abort(gone)
      })()
      await expect(reading).rejects.toBe(gone)
      const ends = await questions
      // as many listeners as there are questions would look like a leak
      await new Promise((resolve) => setImmediate(resolve))
      process.off('warning', warned)
      expect(warnings).toEqual([])
      expect(ends.filter((end) => end.status === 'rejected').every(({ reason }) => reason === gone)).toBe(true)
      expect(await opened().counts({ ...span, window: 10_000 })).toHaveLength(1)
      expect(await opened().counts({ ...span, window: 10_000 }, { signal: new AbortController().signal })).toHaveLength(
        1,
      )
    })
  })
}

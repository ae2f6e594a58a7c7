import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UpkeepLease } from '#history/upkeep-lease.ts'
import type { StoredDocument } from '#storage/store.ts'

const times = { renewMs: 10, holdMs: 25, takeOverMs: 45 }

/** Documents that many share; each call takes effect, and is answered, after as long as `delay` lasts. */
function sharedDocuments(delay = async () => {}) {
  const documents = new Map<string, StoredDocument>()
  const call = async <T>(task: () => T): Promise<T> => {
    await delay()
    const result = task()
    await delay()
    return result
  }
  return {
    documents,
    putDocument: (_collection: string, document: StoredDocument) =>
      call(() => void documents.set(document.id, structuredClone(document))),
    removeDocument: (_collection: string, id: string) => call(() => void documents.delete(id)),
    readDocuments: () => call(() => [...documents.values()]),
  }
}

describe('the lease of the upkeep', () => {
  it('is one process’s, and another’s as soon as that one lets it go', async () => {
    const store = sharedDocuments()
    const clock = { elapsed: () => 0, wall: () => 0 }
    const [one, other] = [new UpkeepLease({ store, ...clock }), new UpkeepLease({ store, ...clock })]
    expect(await one.acquire()).toBe(true)
    expect(await other.acquire()).toBe(false)
    expect(await one.acquire()).toBe(true)
    await one.release()
    expect(await other.acquire()).toBe(true)
    expect(await one.acquire()).toBe(false)
    expect(store.documents.size).toBe(1)
  })

  it('is taken over from one that is silent, which does not go on when it wakes up', async () => {
    const store = sharedDocuments()
    let now = 0
    const clock = { elapsed: () => now, wall: () => now }
    const [one, other] = [new UpkeepLease({ store, times, ...clock }), new UpkeepLease({ store, times, ...clock })]
    expect(await one.acquire()).toBe(true)
    expect(await other.acquire()).toBe(false)
    now += times.takeOverMs - 1
    expect(await other.acquire()).toBe(false)
    now += 1
    expect(await other.acquire()).toBe(true)
    expect(await one.acquire()).toBe(false)
    expect(store.documents.size).toBe(1)
  })

  it('lapses for a machine that slept, though no time passed for it', async () => {
    const store = sharedDocuments()
    let wall = 0
    const sleeper = new UpkeepLease({ store, times, elapsed: () => 0, wall: () => wall })
    expect(await sleeper.acquire()).toBe(true)
    wall += 60_000
    const other = new UpkeepLease({ store, times, elapsed: () => wall, wall: () => wall })
    expect(await other.acquire()).toBe(false)
    wall += times.takeOverMs
    expect(await other.acquire()).toBe(true)
    expect(await sleeper.acquire()).toBe(false)
  })

  it('is never two processes’ at once, however their calls meet, and is somebody’s again after some are killed', async () => {
    const turn = fc.record({
      pause: fc.integer({ min: 0, max: 80 }),
      // no longer than others wait beyond the time for which it is good
      work: fc.integer({ min: 1, max: times.takeOverMs - times.holdMs - 1 }),
      delays: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 8 }),
      after: fc.constantFrom('go on', 'go on', 'go on', 'release', 'die'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(turn, { maxLength: 8 }), { minLength: 2, maxLength: 4 }), async (plans) => {
        const { now, pass, end } = virtualTime()
        const clock = { elapsed: now, wall: now }
        let delays: number[] = []
        const store = sharedDocuments(() => pass(delays.shift() ?? 0))
        let working = 0
        let most = 0
        const run = async (plan: (typeof plans)[number]) => {
          let lease = new UpkeepLease({ store, times, ...clock })
          for (const { pause, work, delays: more, after } of plan) {
            await pass(pause)
            delays = [...more]
            if (await lease.acquire()) {
              most = Math.max(most, ++working)
              await pass(work)
              working--
            }
            if (after === 'release') await lease.release()
            // a process that is started anew knows nothing of the one that was killed
            if (after === 'die') lease = new UpkeepLease({ store, times, ...clock })
          }
        }
        await end(Promise.all(plans.map(run)))
        expect(most).toBeLessThanOrEqual(1)
        delays = []
        const last = new UpkeepLease({ store, times, ...clock })
        await end(last.acquire())
        await end(pass(times.takeOverMs))
        expect(await end(last.acquire())).toBe(true)
      }),
    )
  })
})

/** A clock of its own that goes on to the next thing that waits for it, once nothing else is to be done. */
function virtualTime() {
  let time = 0
  let waiting: { at: number; resolve: () => void }[] = []
  return {
    now: () => time,
    pass: (ms: number) => new Promise<void>((resolve) => waiting.push({ at: time + ms, resolve })),
    async end<T>(task: Promise<T>): Promise<T> {
      let isOver = false
      void task.finally(() => {
        isOver = true
      })
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve)) // all that can go on now has
        if (isOver) return task
        const next = Math.min(...waiting.map(({ at }) => at))
        time = Math.max(time, next)
        const due = waiting.filter(({ at }) => at <= time)
        waiting = waiting.filter(({ at }) => at > time)
        for (const { resolve } of due) resolve()
      }
    },
  }
}

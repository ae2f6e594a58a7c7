import fc from 'fast-check'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { QueryScheduler } from '#api/limits/query-scheduler.ts'
import { apiMetrics } from '#api/metrics.ts'

const limits = { perPerson: 4, all: 6, waitingPerPerson: 3, waiting: 100, longestMs: 1_000 }
const open = (some: Partial<typeof limits> = {}) =>
  new QueryScheduler({ ...limits, ...some }, apiMetrics(new Registry()))
const never = () => new AbortController().signal
/** Lets everything that can go on do so. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('questions', () => {
  it('of one person run up to their cost, wait up to a bound, and are refused beyond', async () => {
    const questions = open()
    const ends = [await questions.begin('a', 2, never()), await questions.begin('a', 2, never())]
    const waiting = [1, 2, 3].map(() => questions.begin('a', 2, never()))
    await expect(questions.begin('a', 2, never())).rejects.toMatchObject({ code: 'TOO_MANY_QUESTIONS', retryAfterS: 2 })
    const other = await questions.begin('b', 2, never()).then(() => 'b runs')
    expect(other).toBe('b runs')
    ends[0]?.()
    ends[0]?.() // once is enough
    await waiting[0]
    let second = false
    void waiting[1]?.then(() => {
      second = true
    })
    await turn()
    expect(second).toBe(false)
  })

  it('of several persons take turns, however many one of them asks', async () => {
    const questions = open({ perPerson: 2, all: 2, waitingPerPerson: 50 })
    const order: string[] = []
    const ask = async (name: string) => {
      const end = await questions.begin(name, 2, never())
      order.push(name)
      await turn()
      end()
    }
    await Promise.all([...Array.from({ length: 20 }, () => ask('greedy')), ask('b'), ask('c')])
    expect(order.indexOf('b')).toBeLessThan(4)
    expect(order.indexOf('c')).toBeLessThan(5)
  })

  it('whose caller goes while they wait leave their place', async () => {
    const questions = open({ perPerson: 1, waitingPerPerson: 1 })
    const end = await questions.begin('a', 1, never())
    const caller = new AbortController()
    const gone = questions.begin('a', 1, caller.signal)
    caller.abort(new Error('gone'))
    await expect(gone).rejects.toThrow('gone')
    const next = questions.begin('a', 1, never())
    end()
    await next
  })

  it('never cost more than is allowed, and all of them get their turn', async () => {
    const asked = fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c'), cost: fc.integer({ min: 1, max: 4 }) }))
    await fc.assert(
      fc.asyncProperty(asked, async (some) => {
        const questions = open({ waitingPerPerson: 100 })
        const running = new Map<string, number>()
        const add = (name: string, cost: number) => running.set(name, (running.get(name) ?? 0) + cost)
        await Promise.all(
          some.map(async ({ name, cost }) => {
            const end = await questions.begin(name, cost, never())
            add(name, cost)
            expect(running.get(name)).toBeLessThanOrEqual(limits.perPerson)
            expect([...running.values()].reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(limits.all)
            await Promise.resolve()
            add(name, -cost)
            end()
          }),
        )
      }),
    )
  })
})

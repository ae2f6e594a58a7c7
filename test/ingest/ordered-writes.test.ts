import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { OrderedWrites } from '#ingest/store-writer/ordered-writes.ts'

/** A write that ends when it is told to. */
class Write {
  begun = false
  end: () => void = () => {}
  fail: (error: Error) => void = () => {}
  readonly start = () =>
    new Promise<void>((resolve, reject) => {
      this.begun = true
      this.end = resolve
      this.fail = reject
    })
}

function setUp() {
  const writes = new OrderedWrites()
  const [first, second, third] = [new Write(), new Write(), new Write()] as const
  const done: number[] = []
  const begun = [first, second, third].map((write, at) => writes.begin(write.start, async () => void done.push(at)))
  for (const one of begun) one.catch(() => {})
  return { writes, first, second, third, done, begun }
}

describe('ordered writes', () => {
  it('are two at a time', async () => {
    const { first, second, third } = setUp()
    await turn()
    expect([first, second, third].map(({ begun }) => begun)).toEqual([true, true, false])
    first.end()
    await turn()
    expect(third.begun).toBe(true)
  })

  it('are done in order, in whatever order they end', async () => {
    const { writes, first, second, third, done } = setUp()
    await turn()
    second.end()
    await turn()
    expect(done).toEqual([])
    first.end()
    await turn()
    third.end()
    await writes.ended()
    expect(done).toEqual([0, 1, 2])
  })

  it('are not done behind one that failed, and begin anew once all have ended', async () => {
    const { writes, first, second, third, done, begun } = setUp()
    await turn()
    second.end()
    first.fail(new Error('refused'))
    await expect(begun[2]).rejects.toThrow('refused')
    expect(third.begun).toBe(false)
    await expect(writes.ended()).rejects.toThrow('refused')
    expect(done).toEqual([])
    const next = new Write()
    await writes.begin(next.start, async () => void done.push(3))
    next.end()
    await writes.ended()
    expect(done).toEqual([3])
  })

  it('have all ended when the end is told, failed or not', async () => {
    const { writes, first, second } = setUp()
    await turn()
    let told = false
    const ended = writes.ended().catch(() => {
      told = true
    })
    first.fail(new Error('refused'))
    await turn()
    expect(told).toBe(false)
    second.end()
    await ended
    expect(told).toBe(true)
  })
})

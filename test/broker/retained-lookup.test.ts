import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SessionStore } from '#broker/aedes/session-store.ts'
import { indexRetained } from '#broker/retained/retained-lookup.ts'
import { matches } from '#broker/wire/filter-match.ts'

/** A store that has nothing but what the lookup puts in its place. */
function retainedStore(): SessionStore {
  const store = {
    storeRetained: async () => {},
    createRetainedStreamCombi: () => Readable.from([]),
  } as unknown as SessionStore // nothing else of it is used
  indexRetained(store)
  return store
}
const topicsOf = async (store: SessionStore, filters: string[]) => {
  const found: string[] = []
  for await (const { topic, payload } of store.createRetainedStreamCombi(filters)) found.push(`${topic}=${payload}`)
  return found
}

describe('retained messages', () => {
  it('of each filter, with wildcards or without, are the newest of every topic that it matches', async () => {
    const level = fc.constantFrom('a', 'b', '$x', '')
    const topic = fc.array(level, { minLength: 1, maxLength: 3 }).map((levels) => levels.join('/') || 'a')
    const filter = fc.oneof(topic, fc.constantFrom('#', '+', '+/+', 'a/#', 'a/+', '+/b', '$x/#', '/#', '+/#'))
    const step = fc.record({ topic, payload: fc.constantFrom('', '1', '2') })
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 20 }),
        fc.array(filter, { maxLength: 3 }),
        async (steps, filters) => {
          const store = retainedStore()
          const held = new Map<string, string>()
          for (const { topic, payload } of steps) {
            await store.storeRetained({ topic, payload: Buffer.from(payload) })
            if (payload === '') held.delete(topic)
            else held.set(topic, payload)
          }
          const expected = filters.flatMap((each) =>
            [...held].filter(([topic]) => matches(each, topic)).map(([topic, payload]) => `${topic}=${payload}`),
          )
          expect((await topicsOf(store, filters)).sort()).toEqual(expected.sort())
        },
      ),
    )
  })

  it('of a filter without wildcards are found without a look at the others, and a look at all lets others have their turn', async () => {
    const store = retainedStore()
    for (let count = 0; count < 10_000; count++)
      await store.storeRetained({ topic: `many/${count}`, payload: Buffer.from('x') })
    expect(await topicsOf(store, ['many/9999'])).toEqual(['many/9999=x'])
    let turns = 0
    const turn = () => {
      turns += 1
      running = setImmediate(turn)
    }
    let running = setImmediate(turn)
    await topicsOf(store, ['none/+'])
    clearImmediate(running)
    expect(turns).toBeGreaterThan(3)
  })
})

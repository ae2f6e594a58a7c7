import { expect, it } from 'vitest'
import { closeAll } from '#telemetry/concurrency/close-all.ts'

it('closes every part, last started first, also behind one that fails, and throws the first fault at the end', async () => {
  const closed: string[] = []
  const part = (name: string, fault?: Error) => ({
    close() {
      closed.push(name)
      if (fault) throw fault
    },
  })
  const late = { close: () => Promise.reject(new Error('late')) }
  const parts = [part('first'), late, part('third', new Error('third')), part('last')]
  await expect(closeAll(parts)).rejects.toThrow('third')
  expect(closed).toEqual(['last', 'third', 'first'])
  expect(parts).toEqual([])
})

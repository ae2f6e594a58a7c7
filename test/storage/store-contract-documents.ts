import { describe, expect, it } from 'vitest'
import type { TelemetryStore } from '#storage/store.ts'

/** What a store promises of documents; `opened` gives the store of the running test. */
export function documentsContract(opened: () => TelemetryStore): void {
  describe('documents', () => {
    it('are none in a new store', async () => {
      expect(await opened().readDocuments('account')).toEqual([])
    })

    it('are replaced by the last one written, and come by id', async () => {
      await opened().putDocument('account', { id: 'b', body: { role: 'viewer' } })
      await opened().putDocument('account', { id: 'a', body: { role: 'admin' } })
      await opened().putDocument('account', { id: 'b', body: { role: 'operator', name: 'Lan' } })
      expect(await opened().readDocuments('account')).toEqual([
        { id: 'a', body: { role: 'admin' } },
        { id: 'b', body: { role: 'operator', name: 'Lan' } },
      ])
    })

    it('are gone once removed, and may come again', async () => {
      await opened().putDocument('key', { id: 'k', body: 1 })
      await opened().removeDocument('key', 'k')
      await opened().removeDocument('key', 'never-there')
      expect(await opened().readDocuments('key')).toEqual([])
      await opened().putDocument('key', { id: 'k', body: 2 })
      expect(await opened().readDocuments('key')).toEqual([{ id: 'k', body: 2 }])
    })

    it('of collections are apart, even with the same id', async () => {
      await opened().putDocument('account', { id: 'same', body: 'account' })
      await opened().putDocument('key', { id: 'same', body: 'key' })
      await opened().removeDocument('account', 'same')
      expect(await opened().readDocuments('key')).toEqual([{ id: 'same', body: 'key' }])
    })

    it('give ids and bodies back exactly, odd characters included', async () => {
      const odd = ['Trần Thị Lan', 'a=b, c d', 'quotes " \' `', '$time ; DROP DATABASE nhip --', '{"ts":1}']
      for (const id of odd) await opened().putDocument('account', { id, body: { [id]: `${id}\\\n` } })
      const found = await opened().readDocuments('account')
      expect(found.map(({ id }) => id)).toEqual(odd.toSorted())
      for (const { id, body } of found) expect(body).toEqual({ [id]: `${id}\\\n` })
    })
  })
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { accountSchema } from '#api/people/account.ts'
import { DocumentCache } from '#api/people/document-cache.ts'
import { People } from '#api/people/people.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { silent } from '../journal/journal-parts.ts'
import { type StoreServer, storeKinds } from '../storage/store-kinds.ts'

/** ms that each call of a store takes longer: before it is asked, and before its answer is there */
type Delay = (method: string, collection: unknown) => readonly [before: number, after: number]
const delayed = (store: TelemetryStore, delay: Delay): TelemetryStore =>
  new Proxy(store, {
    get(target, name: keyof TelemetryStore) {
      const method: unknown = target[name]
      if (typeof method !== 'function') return method
      return async (...given: unknown[]) => {
        const [before, after] = delay(name, given[0])
        if (before > 0) await pause(before)
        const answer: unknown = await method.apply(target, given)
        if (after > 0) await pause(after)
        return answer
      }
    },
  })

for (const kind of storeKinds)
  describe.skipIf(!kind.isThere())(`one-time invitations that several processes redeem, in ${kind.name}`, () => {
    let server: StoreServer
    let folder: string
    const opened: { close(): void | Promise<void> }[] = []
    let number = 0
    beforeAll(async () => {
      server = await kind.start()
      folder = await mkdtemp(join(tmpdir(), 'nhip-claims-'))
    }, 60_000)
    afterEach(async () => {
      for (const each of opened.splice(0).reverse()) await each.close()
    })
    afterAll(async () => {
      await server?.close()
      await rm(folder, { recursive: true })
    })

    const openStore = async () => {
      number += 1
      const store = await server.open(folder, `claims-${number}`)
      opened.push(store)
      return store
    }
    const startPeople = async (store: TelemetryStore) => {
      const people = new People({ store, log: silent, clock: Date.now })
      await people.open()
      opened.push(people)
      return people
    }
    /** How many of some that redeem one invitation at once, each with a store of such delays, get in; and whose password counts. */
    const redeemedBy = async (store: TelemetryStore, delays: readonly Delay[]) => {
      const first = await startPeople(store)
      const { token, account } = await first.add(`Mẫu ${number}`, 'viewer', () => {})
      const all = await Promise.all(delays.map((delay) => startPeople(delayed(store, delay))))
      const came = await Promise.all(all.map((people, n) => people.redeem(token, `hash-${n}`)))
      await first.refresh()
      const winners = came.flatMap((each, n) => (each ? [`hash-${n}`] : []))
      return { winners, counts: first.get(account.id)?.passwordHash, again: await first.redeem(token, 'late') }
    }

    it('are good once when the write of one takes long', async () => {
      const quick: Delay = () => [0, 0]
      const slowWrites: Delay = (method, collection) =>
        method === 'putDocument' && collection === 'account' ? [800, 0] : [0, 0]
      const slowAnswers: Delay = (method) => (method === 'putDocument' ? [0, 800] : [0, 0])
      const slowClaims: Delay = (method, collection) =>
        method === 'putDocument' && collection === 'invitation-claim' ? [400, 400] : [0, 0]
      for (const [one, other] of [
        [quick, slowWrites],
        [slowWrites, quick],
        [slowWrites, slowWrites],
        [slowAnswers, slowWrites],
        [slowClaims, quick],
        [slowClaims, slowAnswers],
      ] as const) {
        const { winners, counts, again } = await redeemedBy(await openStore(), [one, other])
        expect(winners).toHaveLength(1)
        expect([counts, again]).toEqual([winners[0], undefined])
      }
    })

    it('are good once whatever each step of each takes', async () => {
      const steps = fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 12 })
      await fc.assert(
        fc.asyncProperty(fc.array(steps, { minLength: 2, maxLength: 4 }), async (plans) => {
          const delays = plans.map((plan): Delay => {
            let at = 0
            const next = () => plan[at++ % plan.length] ?? 0
            return () => [next(), next()]
          })
          const { winners, counts, again } = await redeemedBy(await openStore(), delays)
          expect(winners).toHaveLength(1)
          expect([counts, again]).toEqual([winners[0], undefined])
          for (const each of opened.splice(0).reverse()) await each.close()
        }),
        { numRuns: 6 },
      )
    }, 60_000)

    it('are over when a redemption broke off after its claim, and a new one is good', async () => {
      const store = await openStore()
      const people = await startPeople(store)
      const { token, account } = await people.add('Mẫu', 'viewer', () => {})
      const breaks = new Proxy(store, {
        get(target, name: keyof TelemetryStore) {
          const method: unknown = target[name]
          if (typeof method !== 'function') return method
          return async (...given: unknown[]) => {
            if (name === 'putDocument' && given[0] === 'account') throw new Error('the process ends')
            return method.apply(target, given)
          }
        },
      })
      await expect((await startPeople(breaks)).redeem(token, 'hash-0')).rejects.toThrow('the process ends')
      expect(await people.redeem(token, 'hash-1')).toBeUndefined()
      const anew = await people.invite(account.id)
      expect(await people.redeem(anew.token, 'hash-2')).toMatchObject({ passwordHash: 'hash-2' })
    })

    it('leave nothing in the store once they are long over', async () => {
      const store = await openStore()
      const people = await startPeople(store)
      const { token } = await people.add('Mẫu', 'viewer', () => {})
      expect(await people.redeem(token, 'hash')).toBeDefined()
      expect(await store.readDocuments('invitation-claim')).toHaveLength(1)
      const later = new People({ store, log: silent, clock: () => Date.now() + 4 * 86_400_000 })
      opened.push(later)
      await later.open()
      const next = await later.add('Mẫu Hai', 'viewer', () => {})
      expect(await later.redeem(next.token, 'hash')).toBeDefined()
      expect(await store.readDocuments('invitation-claim')).toHaveLength(1)
    })

    it('are looked up anew although somebody else is changed meanwhile', async () => {
      const store = await openStore()
      let answered = () => {}
      const held = new Promise<void>((resolve) => {
        answered = resolve
      })
      let hold = false
      const slow = new Proxy(store, {
        get(target, name: keyof TelemetryStore) {
          const method: unknown = target[name]
          if (typeof method !== 'function') return method
          return async (...given: unknown[]) => {
            const answer: unknown = await method.apply(target, given)
            if (hold && name === 'readDocuments') await held
            return answer
          }
        },
      })
      const cache = new DocumentCache({ store: slow, log: silent, collection: 'account', schema: accountSchema })
      const person = (id: string, name: string) => ({
        ...{ id, name, role: 'viewer' as const, source: 'password' as const },
        ...{ disabled: false, generation: 0, createdAt: Date.now() },
      })
      await cache.put(person('own', 'before'))
      await cache.put(person('gone', 'before'))
      await cache.refresh()
      await store.putDocument('account', { id: 'other', body: person('other', 'of another process') })
      hold = true
      const looking = cache.refresh()
      await cache.put(person('own', 'after'))
      await cache.remove('gone')
      answered()
      await looking
      expect(
        cache
          .all()
          .map(({ id, name }) => [id, name])
          .toSorted(),
      ).toEqual([
        ['other', 'of another process'],
        ['own', 'after'],
      ])
      await cache.refresh()
      expect(cache.all()).toHaveLength(2)
    })
  })

import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { DocumentCollection, TelemetryStore } from '#storage/store.ts'
import { sleep } from '#telemetry/retry/sleep.ts'

/** ms for which a claim waits at most until those that came at the same time have stepped back, and between two looks */
const wait = { mostMs: 3_000, pollMs: 50 } as const

const claimSchema = z.object({ until: z.number() })

interface ClaimParts {
  store: TelemetryStore
  log: Pick<Logger, 'warn'>
  /** epoch ms */
  clock: () => number
  collection: DocumentCollection & `${string}-claim`
  /** ms after its end for which a claim is kept: the clocks of processes differ */
  keptMs: number
}

/**
 * Which of all processes of the api does what may be done once: redeem an invitation, sign a hand-over. The store compares nothing
 * before it writes, but what it has written every later question finds. So each writes a claim of its own and then looks: it
 * goes on only when there is no other. Of two, the one whose claim was there later finds the other, however long either write
 * takes; when each finds the other, one steps back. The claim of who goes on stays until it is over.
 */
export class OneTimeClaims {
  readonly #parts: ClaimParts

  constructor(parts: ClaimParts) {
    this.#parts = parts
  }

  /**
   * Claims what may be done once; gives what withdraws the claim again, at most once for each hash, and undefined to all others.
   * `isGood` says whether it is worth waiting for. A claim whose write broke off may be there all the same: then nobody gets it
   * until it is over (`until`, epoch ms). Rejects with StoreUnavailableError.
   */
  async claim(
    { hash, until }: { hash: string; until: number },
    isGood: () => Promise<boolean>,
  ): Promise<(() => Promise<void>) | undefined> {
    const { store, collection } = this.#parts
    const own = `${hash}.${randomUUID()}`
    try {
      await store.putDocument(collection, { id: own, body: { until } })
      if (await this.#isAlone(own, hash, isGood)) return () => this.#tryToWithdraw(own)
    } catch (error) {
      await this.#tryToWithdraw(own)
      throw error
    }
    await this.#withdraw(own)
    return undefined
  }

  async #isAlone(own: string, hash: string, isGood: () => Promise<boolean>): Promise<boolean> {
    const deadline = performance.now() + wait.mostMs
    for (;;) {
      const claims = await this.#claimsOf(hash, own)
      // of several the first by id waits, the others step back
      if (claims[0] !== own) return false
      if (claims.length === 1) return true
      if (performance.now() > deadline || !(await isGood())) return false
      await sleep(wait.pollMs)
    }
  }

  /** The claims of one thing, by id; those that are long over are removed. */
  async #claimsOf(hash: string, own: string): Promise<string[]> {
    const { store, collection, keptMs, clock } = this.#parts
    const claims: string[] = []
    for (const { id, body } of await store.readDocuments(collection)) {
      const { data } = claimSchema.safeParse(body)
      if (id !== own && data && data.until + keptMs < clock()) await this.#withdraw(id)
      else if (id.startsWith(`${hash}.`)) claims.push(id)
    }
    return claims
  }

  async #tryToWithdraw(id: string): Promise<void> {
    const { log, collection } = this.#parts
    await this.#withdraw(id).catch((err) => log.warn({ err, collection }, 'a claim cannot be withdrawn'))
  }

  #withdraw(id: string): Promise<void> {
    return this.#parts.store.removeDocument(this.#parts.collection, id)
  }
}

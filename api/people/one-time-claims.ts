import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { TelemetryStore } from '#storage/store.ts'
import { hourMs } from '#telemetry/durations.ts'
import { sleep } from '#telemetry/retry/sleep.ts'

/** ms for which a claim waits at most until those that came at the same time have stepped back, and between two looks */
const wait = { mostMs: 3_000, pollMs: 50 } as const

/** ms after the end of its invitation for which a claim is kept: the clocks of processes differ */
const keptMs = hourMs

const claimSchema = z.object({ until: z.number() })

/**
 * Which redemption of a one-time invitation counts, of those of all processes of the api. The store compares nothing before it
 * writes, but what it has written every later question finds. So each redemption writes a claim of its own and then looks: it
 * goes on only when there is no other. Of two, the one whose claim was there later finds the other, however long either write
 * takes; when each finds the other, one steps back. The claim of a redemption that goes on stays until its invitation is over.
 */
export class InvitationClaims {
  readonly #store: TelemetryStore
  readonly #log: Logger
  readonly #clock: () => number

  constructor({ store, log, clock }: { store: TelemetryStore; log: Logger; clock: () => number }) {
    this.#store = store
    this.#log = log
    this.#clock = clock
  }

  /**
   * Claims an invitation; true at most once for each hash. `isGood` says whether it is worth waiting for. A claim whose write
   * broke off may be there all the same: then nobody gets this invitation any more. Rejects with StoreUnavailableError.
   */
  async claim({ hash, until }: { hash: string; until: number }, isGood: () => Promise<boolean>): Promise<boolean> {
    const own = `${hash}.${randomUUID()}`
    try {
      await this.#store.putDocument('invitation-claim', { id: own, body: { until } })
      if (await this.#isAlone(own, hash, isGood)) return true
    } catch (error) {
      await this.#withdraw(own).catch((err) =>
        this.#log.warn({ err }, 'the claim of an invitation cannot be withdrawn'),
      )
      throw error
    }
    await this.#withdraw(own)
    return false
  }

  async #isAlone(own: string, hash: string, isGood: () => Promise<boolean>): Promise<boolean> {
    const deadline = performance.now() + wait.mostMs
    for (;;) {
      const claims = await this.#claimsOf(hash)
      // of several the first by id waits, the others step back
      if (claims[0] !== own) return false
      if (claims.length === 1) return true
      if (performance.now() > deadline || !(await isGood())) return false
      await sleep(wait.pollMs)
    }
  }

  /** The claims of an invitation, by id; those of invitations that are long over are removed. */
  async #claimsOf(hash: string): Promise<string[]> {
    const claims: string[] = []
    for (const { id, body } of await this.#store.readDocuments('invitation-claim')) {
      const { data } = claimSchema.safeParse(body)
      if (id.startsWith(`${hash}.`)) claims.push(id)
      else if (data && data.until + keptMs < this.#clock()) await this.#withdraw(id)
    }
    return claims
  }

  #withdraw(id: string): Promise<void> {
    return this.#store.removeDocument('invitation-claim', id)
  }
}

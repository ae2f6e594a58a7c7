import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import pLimit from 'p-limit'
import type { Gauge } from 'prom-client'
import type { Credential } from './credentials-file.ts'
import { nobodysHash, verifyQuickly, verifySecret } from './secret.ts'

/** hashes at once: they share libuv's four threads with the journal's writes */
const atOnce = 2
/** longest secret that is checked, bytes */
const maxSecretBytes = 256

/**
 * Verifies secrets against their hashes: at once where that is cheap, as it is for what {@link hashSecret} makes, else a few at a
 * time, off the event loop. A secret that was verified once is remembered as a keyed digest, so that reconnecting costs
 * microseconds; the key is as old as the process.
 */
export class SecretVerifier {
  readonly #key = randomBytes(32)
  readonly #right = new WeakMap<Credential, Buffer>()
  readonly #fewAtOnce = pLimit(atOnce)
  readonly #most: number
  readonly #gauge: Gauge
  readonly #nobody = nobodysHash()

  /** @param most checks that wait at the most */
  constructor(most: number, gauge: Gauge) {
    this.#most = most
    this.#gauge = gauge
  }

  /** Whether this secret of this credential was found right before. */
  isVerified(credential: Credential, secret: Buffer): boolean {
    const right = this.#right.get(credential)
    return right !== undefined && timingSafeEqual(right, this.#digest(secret))
  }

  /** Whether the secret is right; undefined when checking takes long. Without a credential it takes as long as usual, and the answer is no. */
  verifyNow(credential: Credential | undefined, secret: Buffer): boolean | undefined {
    if (secret.length > maxSecretBytes) return false
    const right = verifyQuickly(credential?.hash ?? this.#nobody, secret)
    if (right && credential?.hash) this.#right.set(credential, this.#digest(secret))
    return right && credential?.hash !== undefined
  }

  get full(): boolean {
    return this.#fewAtOnce.pendingCount >= this.#most
  }

  /** The same for a check that takes long; undefined when `isWanted` says no once its turn has come. */
  async verify(credential: Credential, secret: Buffer, isWanted: () => boolean): Promise<boolean | undefined> {
    const verifying = this.#fewAtOnce(async () => {
      this.#gauge.set(this.#fewAtOnce.pendingCount)
      if (!isWanted()) return undefined
      const right = await verifySecret(credential.hash ?? this.#nobody, secret)
      if (right) this.#right.set(credential, this.#digest(secret))
      return right
    })
    this.#gauge.set(this.#fewAtOnce.pendingCount)
    return verifying
  }

  #digest(secret: Buffer): Buffer {
    return hash('sha256', Buffer.concat([this.#key, secret]), 'buffer')
  }
}

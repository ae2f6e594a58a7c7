import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Gauge } from 'prom-client'
import type { Credential } from './credentials-file.ts'
import { nobodysHash, verifyQuickly, verifySecret } from './secret.ts'

/** hashes at once: they share libuv's four threads with the journal's writes */
const atOnce = 2
/** longest secret that is looked at, bytes */
const maxSecretBytes = 256

/**
 * Checks secrets against their hashes: at once where that is cheap, as it is for what {@link hashSecret} makes, else a few at a
 * time, off the event loop. What was found right once is remembered as a keyed digest, so that reconnecting costs
 * microseconds; the key lives and dies with the process.
 */
export class SecretVerifier {
  readonly #key = randomBytes(32)
  readonly #right = new WeakMap<Credential, Buffer>()
  readonly #waiting: (() => void)[] = []
  readonly #most: number
  readonly #gauge: Gauge
  readonly #nobody = nobodysHash()
  #running = 0

  /** @param most checks that wait at the most */
  constructor(most: number, gauge: Gauge) {
    this.#most = most
    this.#gauge = gauge
  }

  /** Whether this secret of this credential was found right before. */
  knows(credential: Credential, secret: Buffer): boolean {
    const right = this.#right.get(credential)
    return right !== undefined && timingSafeEqual(right, this.#digest(secret))
  }

  /** Whether the secret is right; undefined when it takes a while to tell. Without a credential it takes as long as most, and is not. */
  checkNow(credential: Credential | undefined, secret: Buffer): boolean | undefined {
    if (secret.length > maxSecretBytes) return false
    const right = verifyQuickly(credential?.hash ?? this.#nobody, secret)
    if (right && credential?.hash) this.#right.set(credential, this.#digest(secret))
    return right && credential?.hash !== undefined
  }

  get full(): boolean {
    return this.#waiting.length >= this.#most
  }

  /** The same for one that takes a while; undefined when `wanted` no longer says so once its turn has come. */
  async check(credential: Credential, secret: Buffer, wanted: () => boolean): Promise<boolean | undefined> {
    await this.#turn()
    try {
      if (!wanted()) return undefined
      const right = await verifySecret(credential.hash ?? this.#nobody, secret)
      if (right) this.#right.set(credential, this.#digest(secret))
      return right
    } finally {
      this.#running -= 1
      this.#waiting.shift()?.()
      this.#gauge.set(this.#waiting.length)
    }
  }

  async #turn(): Promise<void> {
    while (this.#running >= atOnce) {
      const turn = new Promise<void>((resolve) => this.#waiting.push(resolve))
      this.#gauge.set(this.#waiting.length)
      await turn
    }
    this.#running += 1
  }

  #digest(secret: Buffer): Buffer {
    return hash('sha256', Buffer.concat([this.#key, secret]), 'buffer')
  }
}

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Gauge } from 'prom-client'
import type { Credential } from './credentials-file.ts'
import { hashSecret, newSecret, verifySecret } from './secret.ts'

/** hashes at once: they share libuv's four threads with the journal's writes */
const atOnce = 2
/** longest secret that is looked at, bytes */
const maxSecretBytes = 256

/**
 * Checks secrets against their hashes, a few at a time, off the event loop. What was found right once is remembered as a
 * keyed digest, so that reconnecting costs microseconds; the key lives and dies with the process.
 */
export class Verifier {
  readonly #key = randomBytes(32)
  readonly #right = new WeakMap<Credential, Buffer>()
  readonly #waiting: (() => void)[] = []
  readonly #most: number
  readonly #gauge: Gauge
  readonly #nobody: Promise<string> = hashSecret(newSecret())
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

  get full(): boolean {
    return this.#waiting.length >= this.#most
  }

  /**
   * Whether the secret is right; undefined when `wanted` no longer says so once its turn has come. Without a credential, or
   * one that has no secret, it takes as long and is not.
   */
  async check(credential: Credential | undefined, secret: Buffer, wanted: () => boolean): Promise<boolean | undefined> {
    await this.#turn()
    try {
      if (!wanted()) return undefined
      if (secret.length > maxSecretBytes) return false
      if (!credential?.hash) return (await verifySecret(await this.#nobody, secret)) && false
      const right = await verifySecret(credential.hash, secret)
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
    return createHmac('sha256', this.#key).update(secret).digest()
  }
}

import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import pLimit from 'p-limit'
import { networkOf } from '#telemetry/network.ts'
import { ApiProblem } from '../server/problems.ts'

/** Cost of a hash, one of those that OWASP's Password Storage Cheat Sheet recommends: 32 MiB, a quarter of a second. */
const cost = { logN: 15, r: 8, p: 3 }

/** hashes at once, off the event loop; each takes a thread and 32 MiB */
const maxAtOnce = 2

/** attempts that wait for their turn; more are turned away */
const maxWaiting = 40

/** attempts of one address that are hashed or wait: no single one takes the place of all */
const maxOfAddress = 6

/** s after which one that was turned away may try again */
const retryAfterS = 5

const hashBytes = 32

function derive(password: string, salt: Buffer, { logN, r, p }: typeof cost): Promise<Buffer> {
  const N = 2 ** logN
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, hashBytes, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

/** Reads `scrypt$logN$r$p$salt$hash`. */
function parse(text: string): { cost: typeof cost; salt: Buffer; hash: Buffer } | undefined {
  const found = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(text)
  if (!found) return undefined
  const [, logN, r, p, salt = '', hash = ''] = found
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  }
}

/** Makes and checks the hashes of passwords, few at once. */
export class Passwords {
  readonly #fewAtOnce = pLimit(maxAtOnce)
  /** stands in where there is no hash, so that an unknown name takes as long as a known one */
  readonly #nobody =
    `scrypt$${cost.logN}$${cost.r}$${cost.p}$${randomBytes(16).toString('base64url')}$${randomBytes(hashBytes).toString('base64url')}`
  readonly #ofAddress = new Map<string, number>()

  /** The hash of a password, with its cost and salt. @throws ApiProblem TOO_MANY_REQUESTS */
  async hash(password: string, address: string): Promise<string> {
    const salt = randomBytes(16)
    const key = await this.#inTurn(address, () => derive(password, salt, cost))
    return ['scrypt', cost.logN, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$')
  }

  /** Whether this is the password of that hash; takes as long when there is none. @throws ApiProblem TOO_MANY_REQUESTS */
  async matches(password: string, hash: string | undefined, address: string): Promise<boolean> {
    const known = parse(hash ?? this.#nobody)
    if (!known) return false
    const key = await this.#inTurn(address, () => derive(password, known.salt, known.cost))
    return timingSafeEqual(key, known.hash) && hash !== undefined
  }

  async #inTurn<T>(address: string, task: () => Promise<T>): Promise<T> {
    const network = networkOf(address)
    const held = this.#ofAddress.get(network) ?? 0
    if (held >= maxOfAddress || this.#fewAtOnce.pendingCount >= maxWaiting)
      throw new ApiProblem('TOO_MANY_REQUESTS', { code: 'TOO_MANY_SIGN_INS', params: {} }, { retryAfterS })
    this.#ofAddress.set(network, held + 1)
    try {
      return await this.#fewAtOnce(task)
    } finally {
      const left = (this.#ofAddress.get(network) ?? 1) - 1
      if (left === 0) this.#ofAddress.delete(network)
      else this.#ofAddress.set(network, left)
    }
  }
}

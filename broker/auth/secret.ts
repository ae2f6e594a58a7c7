import { randomBytes, type ScryptOptions, scrypt, scryptSync, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string | Buffer, Buffer, number, ScryptOptions, Buffer>(scrypt)

/**
 * log2 of the work of a hash: some 50 µs of one core. Passwords that people choose need a thousand times that (api/people/passwords.ts
 * has it); these secrets are random 256-bit values, made here and never chosen, of which no list and no guessing finds one, however
 * cheap the hash: NIST SP 800-63B, 5.1.2.2, asks for a salted, slow one below 112 bits of entropy and for any approved one from there
 * on. It keeps the connecting of thousands of devices cheap, and the secrets out of the file. Each hash names its own work, so
 * this can change.
 */
const logWork = 4
const blockSize = 8
const hashBytes = 32

const form = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=1\$([\w+/]+)\$([\w+/]+)$/

/** Whether this is a hash of {@link hashSecret} with work that a broker can bear. */
export function isSecretHash(text: string): boolean {
  const [, work, block] = form.exec(text) ?? []
  return Number(work) >= 1 && Number(work) <= 15 && Number(block) >= 1 && Number(block) <= 16
}

/** 256 random bits, as text that needs no quotes in a shell. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')

const written = (salt: Buffer, hash: Buffer) =>
  `$scrypt$ln=${logWork},r=${blockSize},p=1$${unpadded(salt)}$${unpadded(hash)}`

/** The scrypt hash of a secret in the PHC string format, with a salt of its own. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(16)
  return written(salt, await derive(secret, salt, hashBytes, { N: 2 ** logWork, r: blockSize, p: 1 }))
}

/** What looks like a hash of {@link hashSecret}, of no secret. */
export const nobodysHash = (): string => written(randomBytes(16), randomBytes(hashBytes))

function parse(hash: string) {
  const [, work, block, salt = '', expected = ''] = form.exec(hash) ?? []
  const N = 2 ** Number(work)
  const r = Number(block)
  return {
    known: Buffer.from(expected, 'base64'),
    salt: Buffer.from(salt, 'base64'),
    options: { N, r, p: 1, maxmem: 256 * N * r },
    isQuick: N * r <= 2 ** logWork * blockSize,
  }
}

/** Whether `secret` is the one behind `hash`, at once if finding out costs no more than asking a thread to; undefined if it does. */
export function verifyQuickly(hash: string, secret: Buffer): boolean | undefined {
  const { known, salt, options, isQuick } = parse(hash)
  return isQuick ? timingSafeEqual(scryptSync(secret, salt, known.length, options), known) : undefined
}

/** Whether `secret` is the one behind `hash`. Works in the thread pool, not on the event loop. */
export async function verifySecret(hash: string, secret: Buffer): Promise<boolean> {
  const { known, salt, options } = parse(hash)
  return timingSafeEqual(await derive(secret, salt, known.length, options), known)
}

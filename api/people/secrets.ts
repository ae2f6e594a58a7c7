import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 random bits. A plain hash guards it well: nobody can guess it, however fast they hash. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** What is kept of a secret. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** Compares in constant time, whatever the lengths. */
export function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

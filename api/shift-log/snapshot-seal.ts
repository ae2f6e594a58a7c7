import { createHmac } from 'node:crypto'
import { type HandOverSnapshot, handOverSnapshotSchema } from '#telemetry/hand-over.ts'
import { same } from '../people/secrets.ts'

/**
 * Seals what a hand-over lists, so that what is signed is what was read: who signs sends it back, and no process has to remember
 * it. The key is made from the admin token, which every process of the api has.
 */
export class SnapshotSeal {
  readonly #key: Buffer

  constructor(adminToken: string) {
    this.#key = createHmac('sha256', adminToken).update('nhip shift hand-over v1').digest()
  }

  /** The seal of a snapshot: the same for the same content, whatever the order of its keys. */
  of(snapshot: HandOverSnapshot): string {
    const text = JSON.stringify(handOverSnapshotSchema.parse(snapshot))
    return createHmac('sha256', this.#key).update(text).digest('base64url')
  }

  /** Whether a snapshot is as it was given. */
  isOf(snapshot: HandOverSnapshot, seal: string): boolean {
    return same(this.of(snapshot), seal)
  }
}

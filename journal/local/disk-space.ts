import { statfs } from 'node:fs/promises'

/** bytes that LevelDB needs to write its memory out, to merge files, and so to remove what was trimmed */
const neededBytes = 67_108_864
/** an answer is good for so long, or for so many bytes written */
const goodForMs = 200
const goodForBytes = 8_388_608

/** Watches that the disk of a folder keeps enough free for a database there to go on working. */
export class DiskSpace {
  readonly #path: string
  #low = false
  #lookedAt = Number.NEGATIVE_INFINITY
  #written = Number.POSITIVE_INFINITY

  constructor(path: string) {
    this.#path = path
  }

  /** The last answer of {@link check}. */
  get low(): boolean {
    return this.#low
  }

  /** Whether too little is free to write `bytes` more. Looks seldom, unless little was free the last time. */
  async check(bytes: number): Promise<boolean> {
    this.#written += bytes
    const now = performance.now()
    if (this.#low || this.#written > goodForBytes || now - this.#lookedAt > goodForMs) {
      const { bavail, bsize } = await statfs(this.#path)
      this.#low = bavail * bsize < neededBytes + goodForBytes
      this.#lookedAt = now
      this.#written = bytes
    }
    return this.#low
  }
}

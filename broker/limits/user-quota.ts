/** How much each user has of something that all users share, so that none uses up what the others need. */
export class UserQuota {
  readonly #used = new Map<string, number>()

  /** Reserves `amount` for a user who may have `most`; false, and nothing reserved, when that is too much. */
  reserve(user: string, amount: number, most: number): boolean {
    const used = this.of(user) + amount
    if (used > most) return false
    this.#used.set(user, used)
    return true
  }

  release(user: string, amount: number): void {
    const left = this.of(user) - amount
    if (left > 0) this.#used.set(user, left)
    else this.#used.delete(user)
  }

  of(user: string): number {
    return this.#used.get(user) ?? 0
  }

  /** The amount of the user with most. */
  get largest(): number {
    let largest = 0
    for (const used of this.#used.values()) if (used > largest) largest = used
    return largest
  }
}

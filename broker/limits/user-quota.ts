/** What each user has of something that all share, so that none takes what the others need. */
export class UserQuota {
  readonly #used = new Map<string, number>()

  /** Takes `amount` for a user who may have `most`; false, and nothing taken, when that is too much. */
  take(user: string, amount: number, most: number): boolean {
    const used = this.of(user) + amount
    if (used > most) return false
    this.#used.set(user, used)
    return true
  }

  give(user: string, amount: number): void {
    const left = this.of(user) - amount
    if (left > 0) this.#used.set(user, left)
    else this.#used.delete(user)
  }

  of(user: string): number {
    return this.#used.get(user) ?? 0
  }

  /** What the user with most has. */
  get largest(): number {
    let largest = 0
    for (const used of this.#used.values()) if (used > largest) largest = used
    return largest
  }
}

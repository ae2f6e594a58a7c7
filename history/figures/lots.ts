import type { Member } from '#storage/roll-ups.ts'

/** Members that are alike in what matters to a question, each lot as a group of its own. */
export class Lots<Lot> {
  readonly all: Lot[] = []
  readonly members: Member[] = []
  readonly #indices = new Map<string, number>()

  add(key: string, lot: Lot, member: Omit<Member, 'group'>): void {
    const index = this.#indices.get(key) ?? this.all.push(lot) - 1
    this.#indices.set(key, index)
    this.members.push({ ...member, group: index })
  }
}

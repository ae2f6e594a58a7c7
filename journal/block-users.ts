import type { JournalRecord } from './journal.ts'

/**
 * Who published the records of a block, behind them: a mark (1 byte), how many names there are (1), each with its length (1) in
 * front, and for each record which of them it is, from 1 on, or 0 for none (1). Only in a block that has any. A release that
 * knows nothing of it reads as many records as the block says, and no further.
 */
const mark = 0x55
const maxNames = 255
const maxNameBytes = 255

/** What {@link encodeUsers} gives where no record says who published it. */
const none = Buffer.alloc(0)

/** The bytes to put behind the records. Names beyond 255, and longer ones than 255 bytes, are left out. */
export function encodeUsers(records: readonly JournalRecord[]): Buffer {
  const names = new Map<string, number>()
  const parts: Buffer[] = []
  let which: Buffer | undefined
  for (const [at, { user }] of records.entries()) {
    if (user === undefined) continue
    let index = names.get(user)
    if (index === undefined) {
      const name = Buffer.from(user)
      if (names.size >= maxNames || name.length > maxNameBytes) continue
      index = names.size + 1
      names.set(user, index)
      parts.push(Buffer.from([name.length]), name)
    }
    which ??= Buffer.alloc(records.length)
    which[at] = index
  }
  return which ? Buffer.concat([Buffer.from([mark, names.size]), ...parts, which]) : none
}

/** Who published the record of each index; of none when there is nothing of the kind behind the records, which end at `at`. */
export function decodeUsers(block: Buffer, at: number, records: number): (index: number) => string | undefined {
  const nobody = () => undefined
  if (at + 2 > block.length || block[at] !== mark) return nobody
  const names: string[] = []
  let end = at + 2
  for (let left = block.readUInt8(at + 1); left > 0; left--) {
    const nameEnd = end + 1 + (block[end] ?? 0)
    names.push(block.toString('utf8', end + 1, nameEnd))
    end = nameEnd
  }
  if (end + records > block.length) return nobody
  return (index) => names[(block[end + index] ?? 0) - 1]
}

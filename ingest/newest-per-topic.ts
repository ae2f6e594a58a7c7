import type { JournalBlock, JournalRecord } from '#journal/journal.ts'

/** A block with the last record of each topic only: all that a screen needs of it. */
export function newestPerTopic({ position, records }: JournalBlock): JournalBlock {
  const newest = new Map<string, JournalRecord>()
  for (const record of records) newest.set(record.topic, record)
  return { position, records: [...newest.values()] }
}

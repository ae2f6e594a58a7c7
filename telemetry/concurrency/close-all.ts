/** Something that was started. */
export interface Closable {
  close(): unknown
}

/** Closes all, last started first, and empties the list. What fails to close does not keep the others open; the first fault is thrown at the end. */
export async function closeAll(started: Closable[]): Promise<void> {
  const faults: unknown[] = []
  for (let part = started.pop(); part; part = started.pop()) {
    try {
      await part.close()
    } catch (error) {
      faults.push(error)
    }
  }
  if (faults.length > 0) throw faults[0]
}

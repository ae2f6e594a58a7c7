import { isTooLarge } from './errors.ts'

/**
 * Writes items; when InfluxDB, or a proxy in front of it, says that they are too large for one request, in halves, down to one
 * alone. What was written of a part that was too large is written again.
 */
export async function writeInAcceptedParts<Item>(
  items: readonly Item[],
  write: (part: readonly Item[]) => Promise<void>,
): Promise<void> {
  try {
    await write(items)
  } catch (error) {
    if (!isTooLarge(error) || items.length < 2) throw error
    const half = Math.ceil(items.length / 2)
    await writeInAcceptedParts(items.slice(0, half), write)
    await writeInAcceptedParts(items.slice(half), write)
  }
}

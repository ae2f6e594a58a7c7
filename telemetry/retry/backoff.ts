/** How long to wait between two tries. */
export interface Backoff {
  /** ms after the first failed try; doubled with each further one */
  firstMs: number
  /** ms at the most */
  longestMs: number
}

/**
 * Exponential back-off with jitter: ms to wait after so many failed tries in a row (1 or more). At least half of the full time,
 * never more than the longest: clients that lost the same server come back spread over the other half.
 */
export function backoffMs(failures: number, { firstMs, longestMs }: Backoff): number {
  return Math.min(firstMs * 2 ** (failures - 1), longestMs) * (0.5 + Math.random() / 2)
}

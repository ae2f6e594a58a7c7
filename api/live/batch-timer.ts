/** ms between two batches to a client: ten a second at most */
const batchMs = 100
/** ms that readings wait for those of other districts, when none were sent just now */
const gatherMs = 10

/** When batches go out: soon after something came, at most ten a second, and ten a second in any case. */
export interface BatchTimer {
  /** Something waits to be sent. */
  soon(): void
  stop(): void
}

/** Calls `flush` whenever a batch is due. */
export function startBatchTimer(flush: () => void): BatchTimer {
  let flushedAt = Number.NEGATIVE_INFINITY
  let due: NodeJS.Timeout | undefined
  const soon = () => {
    due ??= setTimeout(
      () => {
        due = undefined
        flushedAt = performance.now()
        flush()
      },
      Math.max(gatherMs, flushedAt + batchMs - performance.now()),
    )
  }
  const always = setInterval(soon, batchMs)
  return {
    soon,
    stop() {
      clearInterval(always)
      clearTimeout(due)
    },
  }
}

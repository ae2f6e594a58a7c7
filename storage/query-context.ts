/** Of a query that somebody waits for: once the signal is aborted the query is cancelled, in the store too, and rejects with the signal's reason. */
export interface QueryContext {
  signal: AbortSignal
}

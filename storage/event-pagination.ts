import type { EventsQuery, QueryContext, StoredEvent, TelemetryStore } from './store.ts'

/** events asked for at once, by default */
const defaultPageSize = 1_000

/** All events of a stream with `from <= ts < to` (epoch ms), newest first, each once, in pages. */
export async function* paginateEvents(
  store: Pick<TelemetryStore, 'readEvents'>,
  { pageSize = defaultPageSize, ...query }: Omit<EventsQuery, 'limit'> & { pageSize?: number },
  context?: QueryContext,
): AsyncGenerator<StoredEvent[], void, undefined> {
  let to = query.to
  let limit = pageSize
  /** ids of the last page: its earliest ms is asked for again, for there may be more of it */
  let seen = new Set<string>()
  for (;;) {
    const page = await store.readEvents({ ...query, limit, ...(to === undefined ? {} : { to }) }, context)
    const news = page.filter(({ id }) => !seen.has(id))
    if (news.length > 0) yield news
    const earliest = page.at(-1)
    if (page.length < limit || !earliest) return
    // a whole page of one ms: only a larger one gets past it
    if (page[0]?.ts === earliest.ts) limit *= 2
    to = earliest.ts + 1
    seen = new Set(page.filter(({ ts }) => ts === earliest.ts).map(({ id }) => id))
  }
}

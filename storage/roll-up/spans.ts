/** A span of time: `from <= ts < to`, epoch ms. */
export interface Span {
  from: number
  to: number
}

/** The span from the first to the last of some; one that ends before it begins, of none. */
export function boundsOf(spans: readonly Span[]): Span {
  return {
    from: spans.reduce((earliest, { from }) => Math.min(earliest, from), Number.MAX_SAFE_INTEGER),
    to: spans.reduce((latest, { to }) => Math.max(latest, to), 0),
  }
}

/** The same times in spans that are in order and apart from one another. */
export function uniteSpans(spans: readonly Span[]): Span[] {
  const united: Span[] = []
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    if (from >= to) continue
    const last = united.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else united.push({ from, to })
  }
  return united
}

/** What of these spans lies within another one. */
export function clipSpans(spans: readonly Span[], { from, to }: Span): Span[] {
  return spans.flatMap((span) => {
    const clipped = { from: Math.max(span.from, from), to: Math.min(span.to, to) }
    return clipped.from < clipped.to ? [clipped] : []
  })
}

/** What is left of a span without others, which are in order and apart from one another. */
export function subtractSpans({ from, to }: Span, without: readonly Span[]): Span[] {
  const left: Span[] = []
  let at = from
  for (const gap of clipSpans(without, { from, to })) {
    if (at < gap.from) left.push({ from: at, to: gap.from })
    at = gap.to
  }
  if (at < to) left.push({ from: at, to })
  return left
}

/** Whether a span has times in common with one of others, which are in order and apart from one another. */
export function meetsSpans({ from, to }: Span, others: readonly Span[]): boolean {
  let [low, high] = [0, others.length]
  // the first that ends behind `from`
  while (low < high) {
    const middle = (low + high) >> 1
    if ((others[middle]?.to ?? Number.POSITIVE_INFINITY) <= from) low = middle + 1
    else high = middle
  }
  return (others[low]?.from ?? Number.POSITIVE_INFINITY) < to
}

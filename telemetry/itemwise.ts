import { z } from 'zod'

/** What a message with lists held: `dropped` items did not fit their schema, the first of them for this reason. */
export type Itemwise<T> = { ok: true; value: T; dropped: number; reason?: string } | { ok: false; reason: string }

const longestReason = 300

/**
 * Parses a message whose lists are read item by item: one that does not fit is dropped and counted, its neighbours are not. So a
 * reader of an older release goes on beside a writer that sends kinds and states which it does not know. `lists` are the keys of
 * the lists in the message; without any, the message is itself a list. Not ok when something else in it is wrong.
 */
export function parseItemwise<T>(
  schema: z.ZodType<T>,
  data: unknown,
  ...lists: readonly (keyof T & string)[]
): Itemwise<T> {
  const whole = schema.safeParse(data)
  if (whole.success) return { ok: true, value: whole.data, dropped: 0 }
  const reason = z.prettifyError(whole.error).slice(0, longestReason)
  const message: Readonly<Record<string, unknown>> = lists.length === 0 ? { items: data } : isRecord(data) ? data : {}
  const keys: readonly string[] = lists.length === 0 ? ['items'] : lists
  const parse = (filled: Record<string, unknown>) =>
    schema.safeParse(lists.length === 0 ? filled.items : { ...message, ...filled })
  const listed = keys.filter((key) => Array.isArray(message[key]))
  const empty = Object.fromEntries(listed.map((key) => [key, []]))
  if (listed.length === 0 || !parse(empty).success) return { ok: false, reason }
  let dropped = 0
  const fitting = listed.map((key) => {
    const items: readonly unknown[] = Array.isArray(message[key]) ? message[key] : []
    const kept = items.filter((item) => parse({ ...empty, [key]: [item] }).success)
    dropped += items.length - kept.length
    return [key, kept] as const
  })
  const rest = parse(Object.fromEntries(fitting))
  // what fits item by item may still not fit together: a list has bounds of its own
  return rest.success ? { ok: true, value: rest.data, dropped, reason } : { ok: false, reason }
}

function isRecord(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}

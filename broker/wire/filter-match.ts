/** Whether a filter matches a topic (MQTT 3.1.1, section 4.7); a wildcard in front matches no topic that begins with `$`. */
export function matches(filter: string, topic: string): boolean {
  if (filter === topic) return true
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false
  const levels = topic.split('/')
  const wanted = filter.split('/')
  if (wanted.at(-1) !== '#') return wanted.length === levels.length && agree(wanted, levels)
  wanted.pop()
  return wanted.length <= levels.length && agree(wanted, levels) // `a/#` matches `a` too
}

const agree = (wanted: readonly string[], levels: readonly string[]) =>
  wanted.every((level, at) => level === '+' || level === levels[at])

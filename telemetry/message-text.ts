/** What devices put behind their JSON: the NULs of a buffer that is longer, ends of lines, spaces. */
const filler = '\0\n\r\t '

/** A device's message without a byte order mark in front, and without NULs and ends of lines behind, which are no JSON. */
export function messageText(text: string): string {
  const from = text.charCodeAt(0) === 0xfeff ? 1 : 0
  let to = text.length
  // nearly every message ends in its brace
  if (from === 0 && text.charCodeAt(to - 1) > 32) return text
  while (to > from && filler.includes(text.charAt(to - 1))) to--
  return from === 0 && to === text.length ? text : text.slice(from, to)
}

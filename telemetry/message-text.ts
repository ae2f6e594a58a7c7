/** What devices put around their JSON: byte order marks, the NULs of a buffer that is longer, spaces, ends of lines and of files. */
const filler = '\0\ufeff\n\r\t \u001a'

/** A device's message without what is no JSON around it. */
export function messageText(text: string): string {
  let from = 0
  let to = text.length
  // nearly every message begins and ends in its brace
  while (from < to && filler.includes(text.charAt(from))) from++
  while (to > from && filler.includes(text.charAt(to - 1))) to--
  return from === 0 && to === text.length ? text : text.slice(from, to)
}

/** What devices put around their JSON: byte order marks, spaces, ends of lines and of files. */
const filler = '\ufeff\n\r\t \u001a'

/**
 * A device's message without what is no JSON around it: byte order marks, spaces and NULs in front; and behind, from the first NUL on, a
 * buffer that is longer than the message in it, with what an earlier one left there, and ends of lines. No JSON holds a NUL.
 */
export function messageText(text: string): string {
  let from = 0
  while (from < text.length && (text.charCodeAt(from) === 0 || filler.includes(text.charAt(from)))) from++
  const nul = text.indexOf('\0', from)
  let to = nul < 0 ? text.length : nul
  while (to > from && filler.includes(text.charAt(to - 1))) to--
  return from === 0 && to === text.length ? text : text.slice(from, to)
}

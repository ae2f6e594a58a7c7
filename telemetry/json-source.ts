/**
 * Where things stand in the text of a JSON message, so that a refusal quotes what was sent: what `JSON.parse` makes of it has
 * lost that (1e400 is infinite, 2^53+1 is rounded). Nothing here recurs, however deep the message is nested, and each text is
 * gone through once, whatever it holds. Only for texts that `JSON.parse` took, but for {@link withoutStrings}.
 */

const space = /[ \t\r\n]/
const scalarEnd = /[,\]} \t\r\n]/

function skipSpace(text: string, at: number): number {
  let end = at
  while (end < text.length && space.test(text.charAt(end))) end++
  return end
}

/** Index behind the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  let end = at + 1
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  return end + 1
}

/** Any text with each of its strings empty; one that nobody closes goes to the end. */
export function withoutStrings(text: string): string {
  let bare = ''
  let from = 0
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', from)) {
    bare += `${text.slice(from, at)}""`
    from = stringEnd(text, at)
  }
  return bare + text.slice(from)
}

/** Index behind the value that begins at `at`. */
function valueEnd(text: string, at: number): number {
  let end = at
  if (text[at] === '"') return stringEnd(text, at)
  if (text[at] !== '{' && text[at] !== '[') {
    while (end < text.length && !scalarEnd.test(text.charAt(end))) end++
    return end
  }
  for (let depth = 0; end < text.length; ) {
    const character = text[end]
    if (character === '"') {
      end = stringEnd(text, end)
      continue
    }
    end++
    if (character === '{' || character === '[') depth++
    else if ((character === '}' || character === ']') && --depth === 0) break
  }
  return end
}

/** The texts of an array's items, in order. */
export function itemSources(text: string): string[] {
  const items: string[] = []
  let at = skipSpace(text, skipSpace(text, 0) + 1)
  while (at < text.length && text[at] !== ']') {
    const end = valueEnd(text, at)
    items.push(text.slice(at, end))
    at = skipSpace(text, end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return items
}

/** The text of an object's member; of several with one name the last, as `JSON.parse` has it. Undefined when there is none, or the text is no object. */
export function memberSource(text: string, name: string): string | undefined {
  let at = skipSpace(text, 0)
  if (text[at] !== '{') return undefined
  let found: string | undefined
  at = skipSpace(text, at + 1)
  while (at < text.length && text[at] !== '}') {
    const keyEnd = stringEnd(text, at)
    const key: unknown = JSON.parse(text.slice(at, keyEnd))
    const valueAt = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = valueEnd(text, valueAt)
    if (key === name) found = text.slice(valueAt, end)
    at = skipSpace(text, end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return found
}

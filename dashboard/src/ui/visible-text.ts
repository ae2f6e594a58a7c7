/** Controls, marks that turn text around, and characters without width; line ends and tabs are seen. */
const unseen = /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu

/** marks on one letter that are more than any language has, and would lie over the lines around it */
const piled = /(\p{M}{4})\p{M}+/gu

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/** A text of outside as it is, with what cannot be seen of it written out, as in JSON: `\u202e`; of piled marks the first four. */
export function visibleText(text: string): string {
  return text.replace(unseen, written).replace(piled, '$1…')
}

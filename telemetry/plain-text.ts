import { z } from 'zod'

/**
 * Control characters, marks that turn the direction of text around, halves of pairs, separators of lines, what is drawn as nothing (format
 * characters, fillers, variation selectors: `Cf` and `DI`), the empty Braille cell, and what is no character.
 */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u{2800}]/u

/** An emoji as keyboards write it: with joiners and selectors that are drawn as nothing anywhere else. */
const emoji =
  /\p{Extended_Pictographic}[\u{fe0f}\u{1f3fb}-\u{1f3ff}]?(?:\u{200d}\p{Extended_Pictographic}[\u{fe0f}\u{1f3fb}-\u{1f3ff}]?)*/gu

/** More marks on one letter than any language writes: they are drawn over the lines around. */
const stacked = /\p{M}{5}/u

/** Whether a text, in Unicode form NFKC, holds something that is not seen or that makes the rest look otherwise. */
export function hasHidden(text: string): boolean {
  return hidden.test(text.replace(emoji, '')) || stacked.test(text)
}

/** Control and other hidden characters for one that shows, and no more marks on a letter than are read: a text fit to be quoted. */
export function withoutHidden(text: string): string {
  return text.replace(new RegExp(hidden, 'gu'), '\ufffd').replace(/(\p{M}{4})\p{M}+/gu, '$1')
}

const nothingHidden = {
  message: 'may hold no control characters and no marks that turn text around, show nothing or pile up',
  params: { fault: { code: 'HIDDEN_CHARACTERS', params: {} } },
}

/**
 * A text that somebody outside wrote and others read: Unicode form NFKC, without blanks at its ends, and with nothing in it
 * that is not seen or that makes the rest look otherwise.
 */
export const plainText = z
  .string()
  .normalize('NFKC')
  .trim()
  .refine((text) => !hasHidden(text.replace(/[\n\r\t]/g, '')), nothingHidden)

/** The same in one line: a name stands in tables, subjects of e-mail and logs. */
export const plainLine = z
  .string()
  .normalize('NFKC')
  .trim()
  .refine((text) => !hasHidden(text), nothingHidden)

import { z } from 'zod'

/** Control characters but line ends and tabs, the marks that turn the direction of text around, and characters without width. */
const hidden =
  /[\p{Cc}\p{Cs}\u{61c}\u{200b}\u{200e}\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}\u{e0000}-\u{e007f}]/u

/**
 * A text that somebody outside wrote and others read: Unicode form NFKC, without blanks at its ends, and with nothing in it
 * that is not seen or that makes the rest look otherwise.
 */
export const plainText = z
  .string()
  .normalize('NFKC')
  .trim()
  .refine(
    (text) => !hidden.test(text.replace(/[\n\r\t]/g, '')),
    'may hold no control characters and no marks that turn text around',
  )

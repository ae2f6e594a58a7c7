import { withoutHidden } from '../plain-text.ts'

/** characters of a wrong value that are repeated */
const maxShown = 40
/** characters of a sentence that are kept */
const maxLength = 500

/** What somebody else wrote or said, in one line, bounded and fit to be shown and stored. */
export function quotableText(text: string): string {
  return withoutHidden(text.replace(/\s+/g, ' ').slice(0, maxLength))
}

/** A wrong value as it was sent, bounded. */
export function quoted(source: string): string {
  return quotableText(source.slice(0, maxShown)) + (source.length > maxShown ? '…' : '')
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

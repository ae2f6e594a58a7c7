/** Bytes of a file, from the first to the last, both included. */
export interface ByteRange {
  first: number
  last: number
}

/**
 * What a `Range` header asks of a file of so many bytes (RFC 9110): one range, undefined for the whole file, or `beyond` when
 * nothing of the file is in it. Several ranges and other units are passed over, as the standard allows.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | 'beyond' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (from === '' && to === '') return undefined
  if (from === '') {
    const length = Math.min(Number(to), size)
    return length === 0 ? 'beyond' : { first: size - length, last: size - 1 }
  }
  const first = Number(from)
  if (to !== '' && Number(to) < first) return undefined
  if (first >= size) return 'beyond'
  return { first, last: to === '' ? size - 1 : Math.min(Number(to), size - 1) }
}

/** Lower case without diacritics, đ as d: "Cách Mạng" and "cach mang" become the same. */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll('đ', 'd')
}

/** Whether every word of the query occurs in the folded text; an empty query matches all. */
export function matches(folded: string, query: string): boolean {
  return fold(query)
    .split(/\s+/)
    .every((word) => folded.includes(word))
}

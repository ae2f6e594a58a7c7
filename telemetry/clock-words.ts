/** How far a clock is off, for people of any language: `+7 h`, `−10 min`, `+6 h 30 min`, from ms. */
export function clockOffWords(offMs: number): string {
  const minutes = Math.max(1, Math.round(Math.abs(offMs) / 60_000))
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  const parts = [hours > 0 ? `${hours} h` : '', rest > 0 ? `${rest} min` : ''].filter(Boolean)
  return `${offMs < 0 ? '−' : '+'}${parts.join(' ')}`
}

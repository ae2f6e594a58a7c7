const units = { vi: { hours: 'giờ', minutes: 'phút' }, en: { hours: 'h', minutes: 'min' } } as const

/** How far a clock is off, in words: `+7 h`, `−10 min`, `+6 h 30 min`, from ms. */
export function clockOffWords(offMs: number, language: keyof typeof units): string {
  const minutes = Math.max(1, Math.round(Math.abs(offMs) / 60_000))
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  const unit = units[language]
  const parts = [hours > 0 ? `${hours} ${unit.hours}` : '', rest > 0 ? `${rest} ${unit.minutes}` : ''].filter(Boolean)
  return `${offMs < 0 ? '−' : '+'}${parts.join(' ')}`
}

import { describe, expect, it } from 'vitest'
import { RateLimitedLog } from '#broker/diagnostics/log-rate-limit.ts'
import { listeningLog } from '../journal/journal-parts.ts'

describe('what is logged of what clients do wrong', () => {
  const linesOf = (lines: string[]) => lines.map((line) => JSON.parse(line) as { who: string; unsaid?: number })

  it('is a share for each of them: a flood of one leaves the lines of others, and says how much was left out', () => {
    const { log, lines } = listeningLog()
    const said = new RateLimitedLog(log)
    for (let count = 0; count < 1_000; count++) said.warn('greedy', { who: 'greedy' }, 'refused')
    said.warn('honest', { who: 'honest' }, 'refused')
    const found = linesOf(lines)
    expect(found.filter(({ who }) => who === 'greedy').length).toBeLessThan(500)
    expect(found.at(-1)).toMatchObject({ who: 'honest' })
    expect(found.at(-1)?.unsaid).toBeGreaterThan(500)
  })

  it('is bounded of all together', () => {
    const { log, lines } = listeningLog()
    const said = new RateLimitedLog(log)
    for (let who = 0; who < 5_000; who++) said.warn(`${who}`, { who }, 'refused')
    expect(linesOf(lines).length).toBeLessThan(2_500)
  })
})

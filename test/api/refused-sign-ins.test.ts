import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { NewAuditEntry } from '#api/audit-log/audit-log.ts'
import { RefusedSignIns } from '#api/sign-in/refused-sign-ins.ts'

/** Refused sign-ins that are told to a list, under a clock that stands still until it is set. */
function gathering() {
  const entries: NewAuditEntry[] = []
  const clock = { now: 1_000_000 }
  const auditLog = { record: async (entry: NewAuditEntry) => void entries.push(entry) }
  return { entries, clock, refused: new RefusedSignIns(auditLog, () => clock.now) }
}

const beforeOf = (entry: NewAuditEntry) => (entry.what === 'session.refuse' ? (entry.detail.before ?? 0) : 0)

it('the first is told at once, those of the minute after it in one entry', async () => {
  const { entries, clock, refused } = gathering()
  for (const target of ['', 'Lan', '', 'Minh', 'Lan'])
    await refused.refused({ from: '10.0.0.1', way: 'password', target })
  expect(entries).toEqual([
    { who: '', from: '10.0.0.1', what: 'session.refuse', target: '', detail: { way: 'password' } },
  ])
  clock.now += 60_000
  await refused.refused({ from: '10.0.0.1', way: 'password', target: 'Lan' })
  expect(entries.slice(1)).toMatchObject([{ target: 'Lan', detail: { way: 'password', before: 4, others: ['Minh'] } }])
  await refused.close()
  expect(entries).toHaveLength(2)
})

it('what nothing follows is told too, at the end of the minute and when the platform stops', async () => {
  const { entries, clock } = gathering()
  const auditLog = { record: async (entry: NewAuditEntry) => void entries.push(entry) }
  const refused = new RefusedSignIns(auditLog, () => clock.now, 5)
  for (let i = 0; i < 30; i++) await refused.refused({ from: '10.0.0.1', way: 'token' })
  expect(entries).toHaveLength(1)
  clock.now += 60_000
  await expect.poll(() => entries.map(beforeOf)).toEqual([0, 28])
  await refused.refused({ from: '10.0.0.1', way: 'token' })
  expect(entries).toHaveLength(2)
  await refused.close()
  expect(entries.map(beforeOf)).toEqual([0, 28, 0])
})

it('every refusal is counted, and an address fills the audit log no faster than one entry a minute and way', async () => {
  const refusal = fc.record({
    waitMs: fc.nat(30_000),
    from: fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:db8::1', '2001:db8::2'),
    way: fc.constantFrom('password', 'token'),
    target: fc.constantFrom('', 'Lan'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(refusal, { maxLength: 200 }), async (refusals) => {
      const { entries, clock, refused } = gathering()
      const from = clock.now
      for (const { waitMs, ...each } of refusals) {
        clock.now += waitMs
        await refused.refused(each)
      }
      const minutes = Math.floor((clock.now - from) / 60_000) + 1
      for (const way of ['password', 'token'])
        for (const prefix of ['10.0.0.1', '10.0.0.2', '2001:db8::'])
          expect(
            entries.filter(
              (entry) => entry.what === 'session.refuse' && entry.detail.way === way && entry.from.startsWith(prefix),
            ).length,
          ).toBeLessThanOrEqual(minutes)
      await refused.close()
      expect(entries.reduce((sum, entry) => sum + 1 + beforeOf(entry), 0)).toBe(refusals.length)
    }),
  )
})

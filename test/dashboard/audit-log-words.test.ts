import { expect, it } from 'vitest'
import { auditActions } from '#telemetry/audit-actions.ts'
import { defaultTimeZone } from '#telemetry/time-zone.ts'
import { detailWords, targetWords } from '../../dashboard/src/admin/audit-log-words.ts'
import { adminEn } from '../../dashboard/src/admin/en.ts'
import { adminVi } from '../../dashboard/src/admin/vi.ts'
import { createFormat } from '../../dashboard/src/i18n/format.ts'

const english = (detail: object) => detailWords(detail, { texts: adminEn, format: createFormat('en', defaultTimeZone) })
const vietnamese = (detail: object) =>
  detailWords(detail, { texts: adminVi, format: createFormat('vi', defaultTimeZone) })

it('what the trail keeps is told in one line, with times one can read', () => {
  const until = Date.UTC(2027, 1, 24, 4, 15, 8)
  expect(english({ rights: ['trail:read'], until })).toBe('rights: read the audit log; until: 24/02/2027, 11:15:08')
  expect(vietnamese({ rights: ['trail:read'], until })).toBe('quyền: xem nhật ký thao tác; đến: 11:15:08 24/2/27')
  const detail = { order: { action: 'dim', level: 0.4 }, comment: 'road works' }
  expect(english(detail)).toBe('order: (action: dim; level: 0.4); comment: road works')
  expect(vietnamese(detail)).toBe('lệnh: (việc: chỉnh độ sáng; mức sáng: 0,4); ghi chú: road works')
  expect(vietnamese({ way: 'token', role: 'operator' })).toBe('cách: mã đăng nhập; vai trò: Trực ban')
})

it('what somebody typed stays as it is', () => {
  expect(vietnamese({ comment: 'password', way: 'password' })).toBe('ghi chú: password; cách: mật khẩu')
})

it('what is empty is left out of it', () => {
  const detail = { acknowledged: 0, timedOut: [], refused: {}, comment: '', disabled: false }
  expect(english(detail)).toBe('acknowledged: 0; disabled: no')
})

it('so many lamps are told in the words of the page; an id or a name stays as it is', () => {
  const lamps = Array.from({ length: 31 }, (_, at) => `lamp-${at}`)
  const given = { command: 'c', order: { action: 'on' }, lamps }
  const outcome = { command: 'c', acknowledged: 28, timedOut: ['a'], unsent: ['b'], refused: { c: 'driver fault' } }
  for (const [what, detail] of [
    ['lamps.command', given],
    ['lamps.command.outcome', outcome],
  ] as const) {
    expect(targetWords({ what, target: '31 lamps', detail }, adminVi)).toBe('31 đèn')
    expect(targetWords({ what, target: '31 lamps', detail }, adminEn)).toBe('31 lamps')
  }
  const one = { ...given, lamps: ['tay-ninh-lighting-001'] }
  expect(targetWords({ what: 'lamps.command', target: 'tay-ninh-lighting-001', detail: one }, adminVi)).toBe(
    'tay-ninh-lighting-001',
  )
  for (const target of ['31 lamps', 'lamps', 'Trần Thị Lan'])
    expect(targetWords({ what: 'person.invite', target }, adminVi)).toBe(target)
})

it('only fields that hold codes are put into words: an id or a name may be any word', () => {
  expect(vietnamese({ lamps: ['on', 'token'], others: ['password'] })).toBe('đèn: on, token; với tên khác: password')
})

it.each(Object.entries(auditActions))('%s, and each field it keeps, has a name in both languages', (what, schema) => {
  for (const { auditLog } of [adminVi, adminEn]) {
    expect(Object.keys(auditLog.actions)).toContain(what)
    for (const field of Object.keys(schema.shape)) expect(Object.keys(auditLog.names)).toContain(field)
  }
})

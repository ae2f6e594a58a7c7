import { expect, test } from 'vitest'
import { refusalDetails } from '../../dashboard/src/devices/refusal-details.ts'

test('a refusal tells a reason beside its code only where that says more', () => {
  const wrong = { code: 'WRONG_USER_OR_PASSWORD', params: {} } as const
  const otherName = { code: 'OTHER_COMMON_NAME', params: {} } as const
  const noRight = { code: 'NO_RIGHT_TO_PUBLISH', params: {} } as const
  expect(refusalDetails({ code: 'credentials', faults: [wrong, otherName] })).toEqual([otherName])
  expect(refusalDetails({ code: 'publish', faults: [noRight] })).toEqual([])
  expect(refusalDetails({ code: 'will', faults: [noRight] })).toEqual([noRight])
  expect(refusalDetails({ code: 'tls' })).toEqual([])
})

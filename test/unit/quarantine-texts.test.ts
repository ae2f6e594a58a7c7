import { expect, it } from 'vitest'
import type { Refusal } from '#ingest/decode.ts'
import { languages } from '../../dashboard/src/i18n/messages.ts'
import { quarantineTexts } from '../../dashboard/src/quarantine-texts.ts'

/** every code, by the compiler's word */
const codes = { TOPIC: 0, JSON: 0, SHAPE: 0, VALUE: 0, FUTURE: 0, PAST: 0, STORE: 0 } satisfies Record<
  Refusal['code'],
  0
>

it.each(languages)('each kind of refusal has its words on the page of the quarantine: %s', (language) => {
  expect(Object.keys(quarantineTexts[language].codes).toSorted()).toEqual(Object.keys(codes).toSorted())
})

import { describe, expect, it } from 'vitest'
import { skeletonOf } from '#api/people/similar-names.ts'
import { personNameSchema } from '#telemetry/accounts.ts'
import { plainLine, plainText, withoutHidden } from '#telemetry/plain-text.ts'

const hidden = [
  ['a zero-width joiner', 'Trạm\u200d1'],
  ['a zero-width non-joiner', 'Trạm\u200c1'],
  ['a soft hyphen', 'Trạm\u00ad1'],
  ['a combining grapheme joiner', 'Tra\u034fm'],
  ['a variation selector', 'Tram\ufe0e'],
  ['a supplementary variation selector', 'Tram\u{e0100}'],
  ['a Hangul filler', 'Tram\u3164x'],
  ['a half-width Hangul filler', 'Tram\uffa0x'],
  ['a Mongolian vowel separator', 'Tram\u180ex'],
  ['a Khmer vowel that is not drawn', 'Tram\u17b4x'],
  ['an Arabic letter mark', 'Tram\u061cx'],
  ['a right-to-left override', 'Tram\u202ex'],
  ['an isolate', 'Tram\u2067x\u2069'],
  ['a line separator', 'Tram\u2028x'],
  ['a tag character', 'Tram\u{e0041}x'],
  ['an empty Braille cell', 'Tram\u2800x'],
  ['half a pair', 'Tram\ud800x'],
  ['what is no character', 'Tram\uffffx'],
  ['a byte order mark inside', 'Tram\ufeffx'],
  ['an escape', 'Tram\u001b[31mx'],
  ['marks piled up', `Tr${'\u0335\u0321\u0308'.repeat(20)}am`],
  ['a joiner that joins no emoji', '🚦\u200dx'],
] as const

describe('a text from outside', () => {
  it.for(hidden)('holds nothing hidden: %s', ([, text]) => {
    expect(plainText.safeParse(text).success).toBe(false)
    expect(plainLine.safeParse(text).success).toBe(false)
    expect(personNameSchema.safeParse(text).success).toBe(false)
  })

  it.for(hidden)('quoted shows what it hid: %s', ([, text]) => {
    const quoted = withoutHidden(text.normalize('NFKC'))
    expect(plainText.safeParse(quoted).success).toBe(true)
    expect(quoted.slice(0, 1)).toBe(text.slice(0, 1))
  })

  it.for([
    'Trạm số 1 – ngã tư Long Hoa (phía Bắc)',
    'Tra\u0323\u0302m', // not composed
    'đã xử lý 👍🏽, cảm ơn ❤️ 👨‍👩‍👧',
    'PM₂.₅ ≥ 50 µg/m³',
    'ก็ที่นี่', // Thai: marks on marks
  ])('is taken as people write it: %s', (text) => {
    expect(plainLine.parse(text)).toBe(text.normalize('NFKC'))
  })

  it('has lines when it is a comment, and one line when it is a name', () => {
    expect(plainText.parse('một\r\nhai\tba')).toBe('một\r\nhai\tba')
    for (const text of ['một\nhai', 'một\rhai', 'một\thai']) expect(plainLine.safeParse(text).success).toBe(false)
  })

  it('of nothing but blanks is empty', () => {
    for (const text of [' ', '\u00a0', '\u3000\u2003', '\u3164', '\u2800'])
      expect(plainLine.min(1).safeParse(text).success).toBe(false)
  })
})

describe('names that look like admin', () => {
  it.for([
    'ᴀᴅᴍɪɴ',
    'ꓮꓓꓟꓲꓠ',
    'ꭺꭰꮇꮖn',
    'αdmin',
    'adm¡n'.replace('¡', 'ⅰ'),
    'ａｄｍｉｎ',
    '𝐚𝐝𝐦𝐢𝐧',
    'ᵃᵈᵐⁱⁿ',
    'ⓐⓓⓜⓘⓝ',
    'аԁмin'.replace('м', 'm'),
  ])('are told: %s', (name) => {
    expect(skeletonOf(name)).toBe(skeletonOf('admin'))
  })
})

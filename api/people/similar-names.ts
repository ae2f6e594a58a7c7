import { foldName } from './account.ts'

/**
 * Letters of Cyrillic, Greek, Armenian, Cherokee, Lisu and Coptic, and small capitals, that are drawn like Latin ones, lower case, and
 * Latin ones drawn like another (after Unicode Technical Standard 39, confusables). Diacritics count: Vân and Van are two people.
 */
const drawnAs: Readonly<Record<string, string>> = {
  ...{ а: 'a', в: 'b', е: 'e', ё: 'e', һ: 'h', і: 'i', ї: 'i', ј: 'j', к: 'k', м: 'm', н: 'h', о: 'o', р: 'p', ѕ: 's' },
  ...{ с: 'c', т: 't', у: 'y', х: 'x', ԁ: 'd', ԛ: 'q', ԝ: 'w', ӏ: 'l', г: 'r', п: 'n', ь: 'b', ү: 'y', ѵ: 'v', ғ: 'f' },
  ...{ α: 'a', β: 'b', γ: 'y', ε: 'e', η: 'n', ι: 'i', κ: 'k', μ: 'u', ν: 'v', ο: 'o', ρ: 'p', σ: 'o', ς: 'c', τ: 't' },
  ...{ υ: 'u', χ: 'x', ω: 'w', ζ: 'z', օ: 'o', ո: 'n', ս: 'u', հ: 'h', ց: 'g', զ: 'q', յ: 'j' },
  ...{ ᴀ: 'a', ʙ: 'b', ᴄ: 'c', ᴅ: 'd', ᴇ: 'e', ꜰ: 'f', ɢ: 'g', ʜ: 'h', ɪ: 'l', ᴊ: 'j', ᴋ: 'k', ᴍ: 'm', ɴ: 'n', ᴏ: 'o' },
  ...{
    ᴘ: 'p',
    ʀ: 'r',
    ꜱ: 's',
    ᴛ: 't',
    ᴜ: 'u',
    ᴠ: 'v',
    ᴡ: 'w',
    ʏ: 'y',
    ᴢ: 'z',
    ᴑ: 'o',
    ꭰ: 'd',
    ꭺ: 'a',
    ꮇ: 'm',
    ꮖ: 'l',
    ꮋ: 'h',
  },
  ...{ ꭼ: 'e', ꮪ: 's', ꮯ: 'c', ꮲ: 'p', ꮤ: 'w', ꮩ: 'v', ꮓ: 'z', ꮶ: 'k', ꭻ: 'j', ᏼ: 'b', ꓮ: 'a', ꓓ: 'd', ꓟ: 'm', ꓲ: 'l' },
  ...{ ꓠ: 'n', ꓳ: 'o', ꓰ: 'e', ꓢ: 's', ꓚ: 'c', ꓑ: 'p', ꓔ: 't', ꓣ: 'r', ꓐ: 'b', ꓡ: 'l', ꓧ: 'h', ⲟ: 'o', ⲥ: 'c', ⲣ: 'p' },
  ...{ ס: 'o', ه: 'o', ە: 'o', '໐': 'o', '٥': 'o', '०': 'o', 〇: 'o', ƽ: 's', ɩ: 'l', ǀ: 'l' },
  ...{ ı: 'i', ɑ: 'a', ɡ: 'g', ʟ: 'l', ſ: 's', '0': 'o', '1': 'l', i: 'l', '|': 'l' },
}

/** Pairs of letters that are drawn like one. */
const pairs: readonly (readonly [RegExp, string])[] = [
  [/rn/gu, 'm'],
  [/vv/gu, 'w'],
]

/** What is the same for names that look alike: case, Unicode form, blanks and signs between letters do not count. Only to compare. */
export function skeletonOf(name: string): string {
  const drawn = [...foldName(name).normalize('NFD')]
    .map((letter) => drawnAs[letter] ?? letter)
    // a dotless i under marks, and a letter that was replaced, once more
    .map((letter) => drawnAs[letter] ?? letter)
    .filter((letter) => !/[ ._-]/u.test(letter))
    .join('')
  return pairs.reduce((text, [pair, one]) => text.replace(pair, one), drawn)
}

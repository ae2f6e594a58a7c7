import { kindModules, kindSchema } from '../kinds.ts'
import type { FaultWords } from './fault-table.ts'
import { kindWords } from './kind-faults.ts'
import type { messageFaults } from './message-faults.ts'
import { valueWordsEn } from './value-words-en.ts'

const time = (ts: number) => new Date(ts).toISOString()

function calledEn(kind: string): string {
  const known = kindSchema.safeParse(kind).data
  return known ? kindModules[known].called.en : kind
}

/** What is wrong with a message, in English: on the page, in logs, and in the `reason` of the API. */
export const messageWordsEn: FaultWords<typeof messageFaults> = {
  ...valueWordsEn,
  ...kindWords('en'),
  WRONG_TOPIC: ({ channel }) =>
    `topic is not city/v1/{district}/{kind}/{sensor}/${channel} with a known kind and ids of a-z, 0-9, -`,
  EMPTY_MESSAGE: () => 'is empty',
  COMPRESSED: () => 'is compressed with gzip, must be plain JSON',
  UTF_16: () => 'is UTF-16, must be UTF-8',
  WORD_FOR_NO_NUMBER: ({ word }) => `${word} is no JSON: leave the value out, or send null`,
  NOT_JSON: ({ said }) => said,
  TOO_MANY_BYTES: ({ bytes, most }) => `is ${bytes} bytes long; at most ${most} are taken`,
  TOO_MANY_READINGS: ({ readings, most }) => `a batch of ${readings} readings; at most ${most} are taken`,
  NOT_A_META: () => 'is not what a sensor says of itself',
  NO_KNOWN_VALUE: ({ kind }) => `holds no known value of ${calledEn(kind)}`,
  TOO_FAR_AHEAD: ({ ts, hours }) => `${time(ts)} is more than ${hours} h later than its arrival`,
  TOO_OLD: ({ ts, keptBy, days }) => {
    const kept = keptBy === 'store' ? `days of the store itself: ${days}` : `${keptBy}=${days}`
    return `${time(ts)} is longer ago than readings are kept (${kept})`
  },
  TOO_OLD_FOR_STORE: ({ ts, said }) => `${time(ts)} is longer ago than readings are kept (${said})`,
  WAITED_TOO_LONG: ({ arrivedAt }) => `arrived ${time(arrivedAt)}, longer ago than the store keeps`,
  NO_PLACE_OF_A_SENSOR: ({ found }) => `is ${found}, which is no place of a sensor`,
  NOT_A_POSITION: ({ found }) => `is ${found}, must be longitude and latitude, two numbers`,
  POSITION_SWAPPED: ({ found }) => `is ${found}, must be longitude, then latitude`,
  OUTSIDE_DISTRICT: ({ found, district, km, mostKm }) =>
    `is ${found}, ${km} km outside ${district}; at most ${mostKm} km are taken`,
  REFUSED_BY_STORE: ({ said }) => said,
  UNDECODABLE: ({ said }) => `cannot be decoded: ${said}`,
  NOT_SHOWN_LIVE: ({ said }) => `stored, but not shown live: ${said}`,
  MESSAGE_UNREADABLE: ({ said }) => `its message cannot be kept: ${said}`,
  TOO_MANY_REFUSALS: () => 'refused, not kept: too many in this minute',
}

import { generate, type IConnectPacket, type Packet } from 'mqtt-packet'
import { connectPacket, publishPacket, subscribePacket } from '../broker/raw-mqtt.ts'

/** A seeded source of numbers (mulberry32), so that a failing run can be run again. */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** a whole number from 0 up to, not including, `limit` */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit)
  }

  of<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0]
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)))
  }
}

const will = { topic: 'fuzz/will', payload: Buffer.from('gone'), qos: 1 as const, retain: true }
/** topic of the readings of the sensor as which some sign in */
export const reading = 'city/v1/tay-ninh/traffic/fuzz-1/reading'
const known: readonly [Packet, ...Packet[]] = [
  publishPacket('fuzz/a', 'x'),
  publishPacket('fuzz/b', 'x', { qos: 1, retain: true }),
  publishPacket('fuzz/c', 'x', { qos: 2, messageId: 3 }),
  publishPacket(reading, '{"ts":1}', { qos: 1, messageId: 4 }),
  publishPacket(reading, '{"ts":1}', { retain: true }),
  subscribePacket(['fuzz/#', '+/b', '$share/a/fuzz'], 2),
  { cmd: 'unsubscribe', messageId: 5, unsubscriptions: ['fuzz/#', 'constructor'] },
  { cmd: 'puback', messageId: 1 },
  { cmd: 'pubrec', messageId: 1 },
  { cmd: 'pubrel', messageId: 3 },
  { cmd: 'pubcomp', messageId: 1 },
  { cmd: 'pingreq' },
  { cmd: 'disconnect' },
  { cmd: 'connack', returnCode: 0, sessionPresent: false },
  { cmd: 'suback', messageId: 1, granted: [0] },
]
const connects: readonly [Partial<IConnectPacket>, ...Partial<IConnectPacket>[]] = [
  {},
  { will },
  { clean: false },
  { protocolVersion: 3, protocolId: 'MQIsdp' },
  { protocolVersion: 5, properties: { receiveMaximum: 9, userProperties: { a: 'b' } } },
]

/** As whom a connection signs in. */
export interface FuzzedUser {
  username: string
  password: string
}

function connectOf(chance: Chance, { username, password }: FuzzedUser): Buffer {
  const more = chance.of(connects)
  return generate(connectPacket(`fuzz-${chance.below(20)}`, { ...more, username, password: Buffer.from(password) }))
}

/** The same bytes with something wrong. */
function mutate(chance: Chance, bytes: Buffer): Buffer {
  const at = chance.below(bytes.length)
  const before = bytes.subarray(0, at)
  const after = bytes.subarray(at)
  switch (chance.below(7)) {
    case 0:
      return Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (1 << chance.below(8))]), after.subarray(1)])
    case 1:
      return Buffer.concat([before, chance.bytes(1 + chance.below(4)), after])
    case 2:
      return Buffer.concat([before, after.subarray(1 + chance.below(4))])
    case 3:
      return before
    case 4:
      return Buffer.concat([bytes.subarray(0, 1), chance.bytes(1 + chance.below(4)), bytes.subarray(2)])
    case 5:
      return Buffer.concat([bytes, after])
    default:
      return Buffer.concat([before, Buffer.alloc(1 + chance.below(4), chance.of([0, 0x7f, 0x80, 0xff])), after])
  }
}

/** What one connection sends, in the pieces in which it sends it. Without a `user` it never signs in. */
export function fuzzedConnection(chance: Chance, user: FuzzedUser | undefined): Buffer[] {
  const parts: Buffer[] = []
  if (user || chance.below(4) > 0) parts.push(connectOf(chance, user ?? { username: 'admin', password: 'a guess' }))
  for (let more = chance.below(6); more > 0; more--) parts.push(generate(chance.of(known)))
  if (chance.below(5) === 0) parts.push(chance.bytes(1 + chance.below(60)))
  // most signed-in connections get beyond their CONNECT
  const kept = user && chance.below(4) > 0 ? 1 : 0
  const bytes = Buffer.concat(
    parts.map((part, index) => (index >= kept && chance.below(2) === 0 ? mutate(chance, part) : part)),
  )
  const cuts = chance.below(12) === 0 ? bytes.length : chance.below(4)
  const marks = Array.from({ length: cuts }, (_, index) =>
    cuts === bytes.length ? index : chance.below(bytes.length + 1),
  )
  const ends = [0, ...marks.sort((a, b) => a - b), bytes.length]
  return ends
    .slice(1)
    .map((end, index) => bytes.subarray(ends[index], end))
    .filter(({ length }) => length > 0)
}

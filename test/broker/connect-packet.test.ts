import fc from 'fast-check'
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { parseSessionlessConnect } from '#broker/wire/connect-packet.ts'
import { headerLength } from '#broker/wire/packet-length.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 30 })
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)
const will = fc.record({ topic: text.filter((topic) => topic !== ''), payload: bytes, qos, retain: fc.boolean() })
const connects: fc.Arbitrary<IConnectPacket> = fc
  .record({
    clientId: text,
    keepalive: fc.nat(65_535),
    will: fc.option(will, { nil: undefined }),
    username: fc.option(
      text.filter((name) => name !== ''),
      { nil: undefined },
    ),
    password: fc.option(bytes, { nil: undefined }),
  })
  .filter(({ username, password }) => username !== undefined || password === undefined)
  .map(({ will, username, password, ...rest }) => ({
    ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, ...rest },
    ...(will && { will }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  }))

const read = parseSessionlessConnect
/** What Aedes would find in it; undefined when it is wrong. */
function aedesReads(packet: Buffer): Packet | undefined {
  const found: Packet[] = []
  const reader = parser()
  reader.on('packet', (one) => found.push(one))
  reader.on('error', () => {})
  reader.parse(packet)
  return found[0]
}

describe('a CONNECT of version 3.1.1 for a clean session', () => {
  it('is read as Aedes reads it', () => {
    fc.assert(
      fc.property(connects, (connect) => {
        const packet = generate(connect)
        const { clientId, keepalive, will, username, password } = connect
        expect(read(packet)).toEqual({ clientId, clean: true, keepalive, will, username, password })
        expect(aedesReads(packet)).toMatchObject({ clientId, clean: true, keepalive })
      }),
    )
  })

  it('with a byte changed is left to Aedes, or read as Aedes reads it', () => {
    fc.assert(
      fc.property(connects, fc.nat(), fc.nat(255), (connect, at, byte) => {
        const packet = generate(connect)
        const start = headerLength(packet, 0)
        packet[start + (at % (packet.length - start))] = byte
        const found = read(packet)
        if (!found) return
        const { username, password, will, ...rest } = found
        expect(aedesReads(packet)).toMatchObject({ ...rest, cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4 })
        expect(aedesReads(packet)).toMatchObject({
          ...(username !== undefined && { username }),
          ...(password && { password }),
          ...(will && { will }),
        })
      }),
      { numRuns: 1_000 },
    )
  })

  it('that ends too early or too late is left to Aedes', () => {
    fc.assert(
      fc.property(connects, fc.nat(), (connect, cut) => {
        const packet = generate(connect)
        const start = headerLength(packet, 0)
        expect(read(packet.subarray(0, start + (cut % (packet.length - start))))).toBeUndefined()
        expect(read(Buffer.concat([packet, Buffer.alloc(1)]))).toBeUndefined()
      }),
    )
  })
})

it.each<[string, Partial<IConnectPacket>]>([
  ['of version 3.1', { protocolId: 'MQIsdp', protocolVersion: 3 }],
  ['of version 5', { protocolVersion: 5 }],
  ['for a session to keep', { clean: false }],
])('a CONNECT %s is left to Aedes', (_what, more) => {
  const packet = {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: 'x',
    ...more,
  } as const
  expect(read(generate(packet))).toBeUndefined()
})

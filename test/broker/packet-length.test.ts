import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { headerLength, packetLength } from '#broker/wire/packet-length.ts'

const publish = (bytes: number) =>
  generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(bytes), qos: 0, retain: false, dup: false })

describe('the length of a packet', () => {
  it('is known from its fixed header, wherever the packet is', () => {
    fc.assert(
      fc.property(fc.nat(300_000), fc.nat(20), (bytes, at) => {
        const packet = publish(bytes)
        const stream = Buffer.concat([Buffer.alloc(at, 0xff), packet])
        expect(packetLength(stream, at)).toBe(packet.length)
        expect(packet.length - headerLength(stream, at)).toBe(bytes + 3)
      }),
    )
  })

  it('is not known before its header is there', () => {
    const packet = publish(50_000)
    for (let bytes = 1; bytes < headerLength(packet, 0); bytes++)
      expect(packetLength(packet.subarray(0, bytes), 0)).toBeUndefined()
  })

  it('has at most four digits', () => {
    expect(packetLength(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), 0)).toBe(268_435_460)
    expect(packetLength(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff]), 0)).toBe(Number.POSITIVE_INFINITY)
  })
})

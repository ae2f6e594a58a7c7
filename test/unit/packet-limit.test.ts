import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { packetMeter } from '#broker/packet-limit.ts'

const publish = (bytes: number) =>
  generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(bytes), qos: 0, retain: false, dup: false })

describe('the packet limit', () => {
  it('lets packets up to the limit through, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(900), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 700 }),
        (sizes, cut) => {
          const stream = Buffer.concat(sizes.map(publish))
          const meter = packetMeter(1_000)
          for (let at = 0; at < stream.length; at += cut) expect(meter(stream.subarray(at, at + cut))).toBeUndefined()
        },
      ),
    )
  })

  it('refuses a larger packet from its fixed header alone', () => {
    expect(packetMeter(1_000)(publish(50_000).subarray(0, 4))).toBeGreaterThan(1_000)
  })
})

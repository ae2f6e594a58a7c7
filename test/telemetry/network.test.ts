import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLoopbackAddress, networkOf } from '#telemetry/network.ts'

describe('the network that counts as one caller', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['::FFFF:10.1.2.3', '10.1.2.3'],
    ['0:0:0:0:0:ffff:10.1.2.3', '10.1.2.3'],
    ['::ffff:a01:203', '10.1.2.3'],
    ['::10.1.2.3', '0:0:0:0'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:0001:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:db8:1:2:3:4:5::', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['2001:db8::1:2:3:4:5', '2001:db8:0:1'],
    ['::1', '0:0:0:0'],
    ['::', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    // no addresses
    ['', ''],
    ['unknown', 'unknown'],
    ['a:b', 'a:b'],
    [':::', ':::'],
    ['1::2::3', '1::2::3'],
    ['::ffff:10.1.2.300', '::ffff:10.1.2.300'],
    ['1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8:9'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it('is the same of every address of a /64, and another of every other, however they are written', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), (one, other) => {
        // the address as a URL writes it: one way for each
        const plain = (address: string) => new URL(`http://[${address}]`).hostname.slice(1, -1)
        expect(isIPv6(one)).toBe(true)
        expect(networkOf(one)).toBe(networkOf(plain(one)))
        expect(networkOf(one.toUpperCase())).toBe(networkOf(one))
        if (networkOf(one) === networkOf(other)) expect(networkOf(plain(one))).toBe(networkOf(plain(other)))
      }),
    )
  })

  it('is an IPv4 address in whatever way it is written', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        for (const written of [address, `::ffff:${address}`, `0:0:0:0:0:FFFF:${address}`])
          expect(networkOf(written)).toBe(address)
        expect(networkOf(new URL(`http://[::ffff:${address}]`).hostname.slice(1, -1))).toBe(address)
      }),
    )
  })
})

describe('an address of this machine alone', () => {
  it.each(['127.0.0.1', '127.1.2.3', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::FFFF:7f00:1'])(
    '%s',
    (address) => {
      expect(isLoopbackAddress(address)).toBe(true)
    },
  )

  it.each(['', 'localhost', '127.example.org', '128.0.0.1', '10.127.0.1', '::', '::2', '::ffff:10.0.0.1', '1::1'])(
    'is not %o',
    (address) => {
      expect(isLoopbackAddress(address)).toBe(false)
    },
  )
})

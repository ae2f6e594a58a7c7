import { TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { isForged, isOwnOrigin } from '#telemetry/other-sites.ts'

const secure = 'https://city.example'

describe('the origin of a page', () => {
  it.each<[origin: string, host: string, publicUrl: string | undefined]>([
    ['http://localhost:8080', 'localhost:8080', undefined],
    ['http://localhost', 'localhost:80', undefined],
    ['https://city.example', 'city.example:443', undefined],
    ['https://city.example', 'CITY.example', undefined],
    ['https://city.example', '10.0.0.7:8080', secure],
    ['http://[::1]:8080', '[::1]:8080', undefined],
    ['http://10.0.0.7:8080', '10.0.0.7:8080', secure],
    // a proxy that speaks https in front of us
    ['https://city.example', 'city.example', undefined],
  ])('%s is ours, asked as %s with PUBLIC_URL %s', (origin, host, publicUrl) => {
    expect(isOwnOrigin(origin, { headers: { host } }, publicUrl)).toBe(true)
    expect(isForged({ method: 'POST', headers: { host, origin } }, false, publicUrl)).toBe(false)
  })

  it.each<[origin: string, host: string | undefined, publicUrl: string | undefined]>([
    ['null', 'localhost:8080', undefined],
    ['http://localhost:8081', 'localhost:8080', undefined],
    ['http://sub.city.example', 'city.example', undefined],
    ['http://city.example.', 'city.example', undefined],
    ['http://city.example', 'city.example', secure],
    ['http://city.example', 'city.example:443', secure],
    ['https://city.example:8443', 'city.example', secure],
    ['chrome-extension://localhost:8080', 'localhost:8080', undefined],
    ['file://', 'localhost', undefined],
    ['http://localhost', undefined, undefined],
    ['http://x y', 'x y', undefined],
  ])('%s is not ours, asked as %s with PUBLIC_URL %s', (origin, host, publicUrl) => {
    expect(isOwnOrigin(origin, { headers: host === undefined ? {} : { host } }, publicUrl)).toBe(false)
  })

  it('without https is not ours where we speak it ourselves', () => {
    const socket = Object.create(TLSSocket.prototype, { encrypted: { value: true } }) as TLSSocket
    const headers = { host: 'city.example' }
    expect(isOwnOrigin('http://city.example', { headers, socket }, undefined)).toBe(false)
    expect(isOwnOrigin('https://city.example', { headers, socket }, undefined)).toBe(true)
  })
})

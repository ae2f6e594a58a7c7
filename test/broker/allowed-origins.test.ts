import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { originCheck } from '#broker/connection/allowed-origins.ts'

const options = { publicUrl: 'https://nhip.example', allowedHosts: ['city.example'], dashboardPort: 8080 }

function asked(host: string | undefined, origin: string | undefined): IncomingMessage {
  const request = new IncomingMessage(new Socket())
  request.url = '/'
  request.headers = { ...(host !== undefined && { host }), ...(origin !== undefined && { origin }) }
  request.headersDistinct = host === undefined ? {} : { host: [host] }
  return request
}

describe('a WebSocket of the broker', () => {
  it.each<[host: string | undefined, origin: string | undefined]>([
    ['127.0.0.1:8083', undefined],
    [undefined, undefined],
    ['mqtt.elsewhere.example', undefined],
    ['127.0.0.1:8083', 'http://127.0.0.1:8080'],
    ['localhost:8083', 'http://localhost:8080'],
    ['[::1]:8083', 'http://[::1]:8080'],
    ['10.0.0.7:8083', 'https://nhip.example'],
    ['nhip.example', 'https://nhip.example'],
    ['city.example:8083', 'http://city.example:8080'],
    ['10.0.0.7:8083', 'https://city.example'],
  ])('asked for as %s may be opened by %s', (host, origin) => {
    expect(originCheck(options)(asked(host, origin))).toBe(true)
  })

  it.each<[host: string | undefined, origin: string]>([
    ['127.0.0.1:8083', 'http://other.example'],
    ['127.0.0.1:8083', 'null'],
    ['127.0.0.1:8083', ''],
    ['127.0.0.1:8083', 'http://127.0.0.1:3000'],
    ['127.0.0.1:8083', 'http://10.0.0.9:8080'],
    ['127.0.0.1:8083', 'http://localhost:8080'],
    ['127.0.0.1:8083', 'file://'],
    ['127.0.0.1:8083', 'chrome-extension://127.0.0.1:8080'],
    ['127.0.0.1:8083', 'https://nhip.example.other.example'],
    ['127.0.0.1:8083', 'http://nhip.example'],
    ['rebound.example:8083', 'http://rebound.example:8083'],
    ['rebound.example:8083', 'http://rebound.example:8080'],
    ['rebound.example:8083', 'https://nhip.example'],
    [undefined, 'http://other.example'],
  ])('asked for as %s may not be opened by %j', (host, origin) => {
    expect(originCheck(options)(asked(host, origin))).toBe(false)
  })

  it('may be opened by no other port than its own where that of the dashboard is not known', () => {
    const isOurs = originCheck({ publicUrl: undefined, allowedHosts: [], dashboardPort: 0 })
    expect(isOurs(asked('localhost:8083', 'http://localhost:8083'))).toBe(true)
    expect(isOurs(asked('localhost:8083', 'http://localhost:8080'))).toBe(false)
    expect(isOurs(asked('localhost:8083', 'http://localhost'))).toBe(false)
  })
})

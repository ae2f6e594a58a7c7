import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '#start/prepare.mjs'
import { freePort } from '../real/free-port.ts'
import { readCompose } from '../support/compose.ts'
import { type ServiceProcess, startService } from '../support/platform-process.ts'

/** another address of this machine than the usual one */
const host = '127.0.0.2'

/** The answer to who asks for a path under a name. */
const statusAs = (name: string, at: { host: string; port: number; path: string }) =>
  new Promise((resolve, reject) => {
    get({ ...at, headers: { host: name } }, (answer) => resolve(answer.resume().statusCode)).on('error', reject)
  })

/** Exit code of a container's health check with these variables. */
async function healthCheck(env: Record<string, string>): Promise<unknown> {
  const check = spawn(process.execPath, [join(root, 'start/health-check.mjs')], { env })
  const [code] = await once(check, 'exit')
  return code
}

// Linux has all of 127.0.0.0/8 as addresses of its own, other systems 127.0.0.1 alone
describe.skipIf(process.platform !== 'linux')('METRICS_HOST', () => {
  let folder: string
  let port: number
  let service: ServiceProcess

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-metrics-'))
    port = await freePort()
    service = startService('simulators', {
      ...{ DATA_DIR: folder, LOG_LEVEL: 'silent', SENSORS: '0', MQTT_URL: 'mqtt://127.0.0.1:1' },
      ...{ SIMULATORS_PASSWORD: 'sample-for-a-test', METRICS_HOST: host, METRICS_PORT: String(port) },
    })
    await service.says(/^nhip simulators: /m)
  })
  afterAll(async () => {
    await service.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('is where a service shows metrics and health, and nowhere else', async () => {
    for (const path of ['/metrics', '/health/live', '/health/ready'])
      expect((await fetch(`http://${host}:${port}${path}`)).status).toBe(200)
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow()
  })

  it.each(['/metrics', '/health/live', '/health/ready'])('gives %s under names of this machine alone', async (path) => {
    expect(await statusAs('rebound.example', { host, port, path })).toBe(421)
    expect(await statusAs('localhost:1', { host, port, path })).toBe(200)
  })

  it('is where the health check of a container asks', async () => {
    expect(await healthCheck({ METRICS_HOST: host, METRICS_PORT: String(port) })).toBe(0)
    expect(await healthCheck({ METRICS_PORT: String(port) })).toBe(1)
  })
})

describe('METRICS_HOST 0.0.0.0', () => {
  let folder: string
  let service: ServiceProcess
  let port: number

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-metrics-'))
    port = await freePort()
    service = startService('simulators', {
      ...{ DATA_DIR: folder, LOG_LEVEL: 'silent', SENSORS: '0', MQTT_URL: 'mqtt://127.0.0.1:1' },
      ...{ SIMULATORS_PASSWORD: 'sample-for-a-test', METRICS_HOST: '0.0.0.0', METRICS_PORT: String(port) },
      ALLOWED_HOSTS: 'metrics.example',
    })
    await service.says(/^nhip simulators: /m)
  })
  afterAll(async () => {
    await service.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('answers by the names of services in its composition, addresses and ALLOWED_HOSTS, and no other', async () => {
    const services = Object.keys((await readCompose()).services).map((name) => `${name}:9100`)
    const ours = [...services, '10.0.0.5:9100', '[fd00::5]:9100', 'localhost', 'metrics.example']
    const at = { host: '127.0.0.1', port, path: '/metrics' }
    for (const name of ours) expect(await statusAs(name, at), name).toBe(200)
    for (const name of ['rebound.example', 'broker.example:9100', 'broker.metrics.example', '10.0.0.5.example'])
      expect(await statusAs(name, at), name).toBe(421)
  })
})

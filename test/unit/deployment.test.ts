import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { alertsConfig } from '#alerts/config.ts'
import { apiConfig } from '#api/config.ts'
import { openIdConfig, openIdOptionsOf } from '#api/people/openid-options.ts'
import { brokerConfig } from '#broker/config.ts'
import { ingestConfig } from '#ingest/config.ts'
import { simulatorsConfig } from '#simulators/config.ts'
import { platformConfig } from '#start/config.ts'
import { root } from '#start/prepare.mjs'
import { storageConfig } from '#storage/config.ts'
import { parseConfig } from '#telemetry/config.ts'
import { interpolate, readCompose, variablesIn } from '../compose.ts'

const compose = await readCompose()
const example = await readFile(join(root, '.env.example'), 'utf8')
const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8')

const schemas = {
  broker: platformConfig.extend(brokerConfig.shape),
  ingest: platformConfig.extend(ingestConfig.shape).extend(storageConfig.shape),
  alerts: platformConfig.extend(alertsConfig.shape).extend(storageConfig.shape),
  api: platformConfig.extend(apiConfig.shape).extend(storageConfig.shape),
  simulators: platformConfig.extend(simulatorsConfig.shape),
}
const { needed, optional } = variablesIn(compose.text)
const secrets = Object.fromEntries(needed.map((name) => [name, `sample-of-${name}-for-a-test`]))
/** what may be left empty, as behind a proxy with an OpenID provider */
const choices: Record<string, string> = {
  PUBLIC_URL: 'https://nhip.example',
  TRUST_PROXY: '172.18.0.0/16',
  OIDC_ISSUER: 'https://id.example',
  OIDC_CLIENT_ID: 'nhip',
  OIDC_CLIENT_SECRET: 'a secret of that provider',
  OIDC_SCOPE: 'openid profile groups',
  OIDC_ROLE_CLAIM: 'groups',
  OIDC_ROLES: 'admin=city-admins,operator=city-operators',
}

describe('docker-compose.yml', () => {
  it('has every service, the journal and the store, each with a health check and a named volume', () => {
    expect(Object.keys(compose.services).sort()).toEqual([...Object.keys(schemas), 'influxdb', 'nats'].sort())
    for (const { healthcheck, volumes } of Object.values(compose.services)) {
      expect(healthcheck.test.length).toBeGreaterThan(1)
      expect(Object.keys(compose.volumes)).toContain(volumes[0]?.split(':')[0])
    }
    expect(compose.services.influxdb?.image).toBe('influxdb:2.7')
    expect(compose.text).toContain('jetstream {')
  })

  it.each(Object.entries(schemas))('gives %s settings that it knows and takes', (name, schema) => {
    const { environment = {} } = compose.services[name] ?? {}
    const known = Object.keys(schema.shape)
    expect(Object.keys(environment).filter((variable) => !known.includes(variable))).toEqual([])
    for (const variables of [secrets, { ...secrets, ...choices }]) {
      const given = Object.entries(environment).map(([variable, value]) => [variable, interpolate(value, variables)])
      expect(() => parseConfig(schema, Object.fromEntries(given))).not.toThrow()
    }
  })

  it('takes every setting of a reverse proxy and of an OpenID provider from .env, or goes without', () => {
    const settings = ['PUBLIC_URL', 'TRUST_PROXY', ...Object.keys(openIdConfig.shape)]
    expect(optional.sort()).toEqual(settings.sort())
    const environment = compose.services.api?.environment ?? {}
    const settingsWith = (variables: Record<string, string>) =>
      parseConfig(
        schemas.api,
        Object.fromEntries(settings.map((name) => [name, interpolate(environment[name] ?? '', variables)])),
      )
    expect(openIdOptionsOf(settingsWith({}))).toEqual({})
    expect(settingsWith({})).not.toHaveProperty('PUBLIC_URL')
    expect(settingsWith(choices)).toMatchObject({ PUBLIC_URL: choices.PUBLIC_URL, TRUST_PROXY: choices.TRUST_PROXY })
    expect(openIdOptionsOf(settingsWith(choices)).openId).toMatchObject({
      ...{ issuer: choices.OIDC_ISSUER, clientId: choices.OIDC_CLIENT_ID, clientSecret: choices.OIDC_CLIENT_SECRET },
      ...{ scope: choices.OIDC_SCOPE, roleClaim: choices.OIDC_ROLE_CLAIM },
      roles: { admin: 'city-admins', operator: 'city-operators' },
    })
  })

  it('holds no secret itself: each comes from .env, which .env.example lists', () => {
    for (const { environment } of Object.values(compose.services))
      for (const [variable, value] of Object.entries(environment))
        if (/TOKEN|PASSWORD|SECRET|NATS_URL/.test(variable)) expect(value).toMatch(/\$\{\w+:(\?|-\})/)
    const listed = Array.from(example.matchAll(/^(\w+)=$/gm), ([, name]) => name)
    expect(listed.sort()).toEqual([...needed, ...optional].sort())
  })

  it('opens ports on loopback only, and its own services run with least rights', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      // inside the composition nothing has TLS, which the services take only when told
      if ((service.environment.HOST ?? '127.0.0.1') !== '127.0.0.1')
        expect(service.environment.ALLOW_PLAINTEXT).toBe('true')
      for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:/)
      if (!(name in schemas)) continue
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], build: '.' })
      expect(service.command).toEqual(['node', 'start/launch.mjs', name])
    }
  })

  it('starts a service after what it needs is healthy', () => {
    for (const [name, { depends_on }] of Object.entries(compose.services))
      if (name in schemas)
        for (const { condition } of Object.values(depends_on)) expect(condition).toBe('service_healthy')
    expect(Object.keys(compose.services.ingest?.depends_on ?? {}).sort()).toEqual(['broker', 'influxdb', 'nats'])
  })
})

describe('the Dockerfile', () => {
  it('builds in one stage and runs in another, not as root', () => {
    expect(dockerfile.match(/^FROM /gm)).toHaveLength(2)
    const last = dockerfile.slice(dockerfile.lastIndexOf('FROM '))
    expect(last).toMatch(/^USER node$/m)
    expect(last).toMatch(/^COPY --from=build /m)
  })

  it('runs on a version of Node that the project takes', () => {
    for (const [, major] of dockerfile.matchAll(/^FROM node:(\d+)/gm)) expect(Number(major)).toBeGreaterThanOrEqual(20)
  })
})

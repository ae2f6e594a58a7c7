import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { alertsConfig } from '#alerts/config.ts'
import { apiConfig } from '#api/config.ts'
import { openIdConfig, openIdOptionsOf } from '#api/sign-in/openid-options.ts'
import { brokerConfig } from '#broker/config.ts'
import { ingestConfig } from '#ingest/config.ts'
import { simulatorsConfig } from '#simulators/config.ts'
import { platformConfig } from '#start/config.ts'
import { root } from '#start/prepare.mjs'
import { storageConfig } from '#storage/config.ts'
import { parseConfig } from '#telemetry/config.ts'
import { interpolate, readCompose, variablesIn } from '../support/compose.ts'

const compose = await readCompose()
const example = await readFile(join(root, '.env.example'), 'utf8')
const packageJson = z
  .object({ engines: z.object({ node: z.string() }) })
  .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8')

const schemas = {
  broker: platformConfig.extend(brokerConfig.shape),
  ingest: platformConfig.extend(ingestConfig.shape).extend(storageConfig.shape),
  alerts: platformConfig.extend(alertsConfig.shape).extend(storageConfig.shape),
  api: platformConfig.extend(apiConfig.shape).extend(storageConfig.shape),
  simulators: platformConfig.extend(simulatorsConfig.shape),
}
/** the settings that each service has of its own */
const own = {
  broker: brokerConfig,
  ingest: ingestConfig.extend(storageConfig.shape),
  alerts: alertsConfig.extend(storageConfig.shape),
  api: apiConfig.extend(storageConfig.shape),
  simulators: simulatorsConfig,
}
const everyone = Object.keys(own)
const withoutHttp = everyone.filter((name) => name !== 'api')
/** who reads what all processes may be given */
const readers: Record<string, readonly string[]> = {
  ...{
    DATA_DIR: everyone,
    // the broker's container runs "credentials", which checks a device's district
    CITY_DIR: everyone,
    LOG_LEVEL: everyone,
    METRICS_HOST: withoutHttp,
    METRICS_PORT: withoutHttp,
    ALLOWED_HOSTS: everyone,
  },
  ...{ HOST: ['broker', 'api'], ALLOW_PLAINTEXT: ['broker', 'api'] },
  ...{ TLS_CERT: ['broker', 'api'], TLS_KEY: ['broker', 'api'], TLS_CA: ['broker', 'api'] },
  ...{ JOURNAL: ['broker', 'ingest'], NATS_URL: ['broker', 'ingest'], JOURNAL_MAX_BYTES: ['broker', 'ingest'] },
  ...{ ADMIN_TOKEN: ['broker', 'api'], INGEST_PASSWORD: ['broker', 'ingest'], ALERTS_PASSWORD: ['broker', 'alerts'] },
  ...{ API_PASSWORD: ['broker', 'api'], SIMULATORS_PASSWORD: ['broker', 'simulators'], CREDENTIALS_FILE: ['broker'] },
}
/** what has no use in a composition, and why */
const withoutUse = {
  CREDENTIALS_FILE: 'one broker, whose volume holds them',
  BACKFILL_DAYS: '"npm start" alone fills an empty store',
  LEDGER: 'audits compare it with files of the same machine',
}
const { needed, optional } = variablesIn(compose.text)
const secrets = Object.fromEntries(needed.map((name) => [name, `sample-of-${name}-for-a-test`]))
/** what may be left empty: a proxy, an OpenID provider, TLS, notifications; and bounds, with a number that all of them take */
const choices: Record<string, string> = {
  ...Object.fromEntries(optional.map((name) => [name, '65536'])),
  LOG_LEVEL: 'info',
  JOURNAL_MAX_BYTES: '1073741824',
  RETENTION_DAYS: '365',
  ROLL_UP_RETENTION_DAYS: '3650',
  TIME_ZONE: 'Asia/Bangkok',
  CORRECTIONS_NEED_CONFIRMATION: 'true',
  ...{ PASSENGER_CAR_UNITS: 'motorbikes=0.25,cars=1,buses=2,trucks=2.5', LAMP_DIMMING: '22:00-04:30=40%' },
  ALLOWED_HOSTS: 'city.example',
  CITY_DIR: '/city-data',
  MAP_TILES: '/data/map.pmtiles',
  MAP_STYLE_URL: 'https://map.example/style.json',
  MAP_ORIGINS: 'https://tiles.example',
  ...{ TLS_CERT: '/tls/server.crt', TLS_KEY: '/tls/server.key', TLS_CA: '/tls/devices.crt' },
  ...{ NOTIFY_LANGUAGE: 'en', NOTIFY_WEBHOOK_URL: 'https://hook.example', NOTIFY_WEBHOOK_PRIORITY: '3' },
  ...{ NOTIFY_WEBHOOK_SECRET: 'signs what is posted', NOTIFY_SMTP_URL: 'smtps://user:word@mail.example' },
  ...{ NOTIFY_EMAIL_FROM: 'nhip@city.example', NOTIFY_EMAIL_TO: 'duty@city.example', NOTIFY_EMAIL_PRIORITY: '2' },
  ...{ CONNECT_TIMEOUT_S: '20', SLOW_CONSUMER_TIMEOUT_S: '20', MAX_SUBSCRIPTIONS: '50', MAX_TOPIC_LEVELS: '8' },
  ...{ KEEPALIVE_MAX_S: '600', MAX_TOPIC_LENGTH: '128', MAX_INFLIGHT: '500' },
  ...{ SENSORS: '100', SAMPLE_SENSORS: 'false', SEED: '2', DEAF_LAMPS: '0' },
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

  it.each(Object.entries(own))('passes on every setting that %s reads', (name, settings) => {
    const shared = Object.entries(readers).flatMap(([setting, services]) => (services.includes(name) ? [setting] : []))
    const read = new Set([...Object.keys(settings.shape), ...shared].filter((setting) => !(setting in withoutUse)))
    expect(Object.keys(compose.services[name]?.environment ?? {}).sort()).toEqual([...read].sort())
  })

  it('knows who reads each setting of the platform', () => {
    expect(Object.keys(readers).sort()).toEqual(Object.keys(platformConfig.shape).sort())
  })

  it('passes on what .env says under the same name', () => {
    for (const { environment } of Object.values(compose.services))
      for (const [setting, value] of Object.entries(environment)) {
        const { optional: names } = variablesIn(value)
        expect(names.length === 0 ? [setting] : names).toEqual([setting])
      }
    expect(Object.keys(choices).sort()).toEqual([...optional].sort())
  })

  it('shows metrics and health of every service inside its network, and publishes none of a service without keys', () => {
    for (const name of Object.keys(own)) {
      const { environment = {}, ports = [] } = compose.services[name] ?? {}
      if (name === 'api') {
        // it asks for a key, and answers by the name under which this network knows it
        expect(environment).not.toHaveProperty('METRICS_PORT')
        expect(
          parseConfig(schemas.api, { ALLOWED_HOSTS: interpolate(environment.ALLOWED_HOSTS ?? '', {}) }),
        ).toMatchObject({ ALLOWED_HOSTS: ['api'] })
        continue
      }
      expect(environment).toMatchObject({ METRICS_HOST: '0.0.0.0', METRICS_PORT: '9100' })
      expect(ports.filter((port) => port.includes('9100'))).toEqual([])
    }
  })

  it('runs the simulated city only when asked to', () => {
    const withProfile = Object.entries(compose.services).filter(([, { profiles }]) => profiles.length > 0)
    expect(withProfile.map(([name, { profiles }]) => [name, profiles])).toEqual([['simulators', ['simulators']]])
  })

  it('takes every setting of a reverse proxy and of an OpenID provider from .env, or goes without', () => {
    const settings = ['PUBLIC_URL', 'TRUST_PROXY', ...Object.keys(openIdConfig.shape)]
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

  it('runs on the newest version of Node that the project is tested on', () => {
    const tested = [...packageJson.engines.node.matchAll(/\^(\d+)/g)].map(([, major]) => Number(major))
    const built = [...dockerfile.matchAll(/^FROM node:(\d+)/gm)].map(([, major]) => Number(major))
    expect(built).toEqual([Math.max(...tested), Math.max(...tested)])
  })
})

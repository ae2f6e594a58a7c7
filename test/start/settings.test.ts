import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { alertsConfig } from '#alerts/config.ts'
import { ingestConfig } from '#ingest/config.ts'
import { commandConfig } from '#start/config.ts'
import { platformSettings } from '#start/platform-settings.ts'
import { retentionDaysOf } from '#start/retention-days.ts'
import { storageConfig } from '#storage/config.ts'
import { parseConfig } from '#telemetry/config.ts'

const all = z.object({
  ...ingestConfig.shape,
  ...alertsConfig.shape,
  ...commandConfig.shape,
  ...platformSettings.shape,
})

/** What is said of one variable that holds this; undefined when it may. */
function said(variable: string, value: string): string | undefined {
  try {
    parseConfig(all, { [variable]: value })
    return undefined
  } catch (error) {
    return (error as Error).message // parseConfig throws ConfigError
  }
}

describe('a wrong setting', () => {
  it.for([
    ['RETENTION_DAYS', 'abc', 'RETENTION_DAYS is "abc": must be a whole number from 0 to 36500 (days that readings'],
    ['RETENTION_DAYS', '7', 'RETENTION_DAYS is "7": must be 0 or at least 31 (days that readings'],
    ['RETENTION_DAYS', '-7', 'RETENTION_DAYS is "-7": must be a whole number from 0 to 36500 (days that readings'],
    ['SENSORS', '1.5', 'SENSORS is "1.5": must be a whole number from 0 to 5000 (simulated sensors'],
    ['DEAF_LAMPS', '2', 'DEAF_LAMPS is "2": must be a number from 0 to 1 (share of'],
    ['JOURNAL_MAX_BYTES', '5', 'JOURNAL_MAX_BYTES is "5": must be a whole number of at least 1048576 (most bytes'],
    ['NOTIFY_EMAIL_PRIORITY', '4', 'NOTIFY_EMAIL_PRIORITY is "4": must be a whole number from 1 to 3 (least urgent'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL is "loud": must be "debug", "info", "warn", "error" or "silent" (least level'],
    [
      'MQTT_URL',
      'http://broker',
      'MQTT_URL is "http://broker": must be an address that begins with mqtt://, mqtts://, ws:// or',
    ],
    [
      'INFLUX_URL',
      'influx',
      'INFLUX_URL is "influx": must be an address that begins with http:// or https:// (InfluxDB',
    ],
    [
      'MAP_ORIGINS',
      'https://a.example maps',
      'MAP_ORIGINS is "https://a.example maps": must be an address that begins with',
    ],
    [
      'PUBLIC_URL',
      'https://city.example/nhip',
      'PUBLIC_URL is "https://city.example/nhip": must be scheme, host and port alone',
    ],
    ['TIME_ZONE', 'Asia/Hanoi', 'TIME_ZONE is "Asia/Hanoi": must be a time zone of the IANA database'],
    ['TIME_ZONE', '+07:00', 'TIME_ZONE is "+07:00": must be a time zone of the IANA database'],
    ['BRIDGE_CLIENT_ID', 'x'.repeat(65), ': must be a text with a length from 1 to 64 (client id'],
    ['ADMIN_TOKEN', 'short', 'ADMIN_TOKEN is wrong: must be a text with a length of at least 16 (secret of'],
  ] as const)('%s=%s is named with what it holds and what it may hold', ([variable, value, words]) => {
    expect(said(variable, value)).toContain(words)
  })

  it.each(Object.keys(all.shape))('%s is told in our own words, once, whatever is wrong with it', (variable) => {
    for (const value of ['abc', '-1', '1e300', '0.5', '{', '\n', '://', 'a@b', ',,,', 'x'.repeat(70_000)]) {
      const words = said(variable, value) ?? ''
      expect(words).not.toMatch(/invalid|expected|received|\bNaN\b|too (small|big)|input/i)
      expect(words).not.toContain('\n')
      expect(words.split(`${variable} is `).length).toBeLessThanOrEqual(2)
    }
  })

  it('of which there are several are all told', () => {
    expect(() => parseConfig(all, { SENSORS: 'many', STORE: 'postgres' })).toThrow(
      /SENSORS is .*; STORE is |STORE is .*; SENSORS is /,
    )
  })

  it('is not shown when it may hold a secret', () => {
    for (const [variable, value] of [
      ['API_PASSWORD', 'hunter2'],
      ['MQTT_URL', 'http://user:hunter2@host'],
      ['NOTIFY_SMTP_URL', 'hunter2'],
    ] as const)
      expect(said(variable, value)).not.toContain('hunter2')
  })

  it('ends before the line ends that a file of secrets has', () => {
    const env = { INFLUX_TOKEN: 'abc==\n', INFLUX_ORG: 'thành phố\r\n', INFLUX_BUCKET: 'city/autogen\n' }
    expect(parseConfig(storageConfig, env)).toMatchObject({
      ...{ INFLUX_TOKEN: 'abc==', INFLUX_ORG: 'thành phố', INFLUX_BUCKET: 'city/autogen' },
    })
    const ingest = parseConfig(ingestConfig, { INGEST_PASSWORD: 'long enough to be one\n' })
    expect(ingest.INGEST_PASSWORD).toBe('long enough to be one')
  })

  it('that cannot be a token or a name is told', () => {
    for (const token of ['two words', 'two\nlines', 'mã'])
      expect(() => parseConfig(storageConfig, { INFLUX_TOKEN: token })).toThrow(
        /^INFLUX_TOKEN is wrong: must be one line/,
      )
    for (const name of ['tab\tin it', 'x'.repeat(256)])
      expect(() => parseConfig(storageConfig, { INFLUX_BUCKET: name })).toThrow(/^INFLUX_BUCKET is /)
    for (const name of ['city/autogen', 'số liệu', '城市'])
      expect(parseConfig(storageConfig, { INFLUX_BUCKET: name }).INFLUX_BUCKET).toBe(name)
  })

  it('that is blank counts as absent', () => {
    expect(parseConfig(all, { RETENTION_DAYS: ' ', SENSORS: '' })).toMatchObject({
      RETENTION_DAYS: 730,
      SENSORS: 200,
    })
  })

  it.each([
    [365, 364, 'ROLL_UP_RETENTION_DAYS is 364: must be 0 (for ever) or at least RETENTION_DAYS, which is 365'],
    [
      0,
      3_650,
      'ROLL_UP_RETENTION_DAYS is 3650: must be 0 (for ever) or at least RETENTION_DAYS, which is 0 (for ever)',
    ],
  ])('that would remove roll-ups before their readings is told', (readings, rollUps, words) => {
    const config = { RETENTION_DAYS: readings, ROLL_UP_RETENTION_DAYS: rollUps }
    expect(() => retentionDaysOf(config)).toThrow(words)
    expect(retentionDaysOf({ ...config, ROLL_UP_RETENTION_DAYS: readings }).rollUpRetentionDays).toBe(readings)
    expect(retentionDaysOf({ ...config, ROLL_UP_RETENTION_DAYS: 0 }).retentionDays).toBe(readings)
  })
})

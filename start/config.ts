import { z } from 'zod'
import { addressSchema, portSchema } from '#telemetry/config.ts'
import { webSettings } from '#telemetry/web-settings.ts'

/** Settings that every process of the platform has, as environment variables; those of one service are in its own `config.ts`. */
export const platformConfig = z.object({
  DATA_DIR: z.string().default('data').describe('everything the platform keeps on disk'),
  CITY_DIR: z
    .string()
    .optional()
    .describe('folder of the city’s districts, wards, roads and waterways; the pilot districts that ship when missing'),
  HOST: z.string().default('127.0.0.1').describe('address of every listener'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('warn')
    .describe('least level that is logged'),
  JOURNAL: z
    .enum(['local', 'nats'])
    .default('local')
    .describe('where readings wait for the store: local, or nats with NATS_URL'),
  NATS_URL: z.string().optional().describe('NATS server with JetStream, for JOURNAL=nats'),
  JOURNAL_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1_048_576)
    .default(2_147_483_648)
    .describe('most bytes the journal holds; beyond it the broker withholds acknowledgements'),
  ADMIN_TOKEN: z
    .string()
    .min(16)
    .optional()
    .describe('secret of the first admin; made on first start, kept in DATA_DIR'),
  INGEST_PASSWORD: z.string().min(16).optional().describe('password of the MQTT user ingest; made on first start'),
  ALERTS_PASSWORD: z.string().min(16).optional().describe('password of the MQTT user alerts; made on first start'),
  API_PASSWORD: z.string().min(16).optional().describe('password of the MQTT user api; made on first start'),
  SIMULATORS_PASSWORD: z
    .string()
    .min(16)
    .optional()
    .describe('password of the MQTT user simulators; made on first start'),
  TLS_CERT: z
    .string()
    .optional()
    .describe('file of the TLS certificate with its chain, PEM; read again when it changes'),
  TLS_KEY: z.string().optional().describe('file of its private key, PEM, not encrypted'),
  TLS_CA: z
    .string()
    .optional()
    .describe('file of the authority that signs certificates of devices, PEM; then they may sign in with one'),
  ALLOW_PLAINTEXT: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true lets listeners without TLS listen on a HOST beyond this machine'),
  CREDENTIALS_FILE: z
    .string()
    .optional()
    .describe('file of the credentials of devices and people; credentials.json in DATA_DIR when missing'),
  METRICS_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('address of a service’s own /metrics and health, which ask for no key: only networks that may read them'),
  ALLOWED_HOSTS: webSettings.ALLOWED_HOSTS,
  METRICS_PORT: portSchema.default(0).describe('port of a service’s own /metrics and /health/live; 0 takes a free one'),
})
export type PlatformConfig = z.infer<typeof platformConfig>

/** Settings of commands that ask a running platform. */
export const commandConfig = z.object({
  API_URL: addressSchema('http', 'https')
    .optional()
    .describe('the api, for commands; HTTP_PORT of this machine when missing'),
})

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import pLimit from 'p-limit'
import type { Logger } from 'pino'
import type { TlsFiles, TlsSource } from '#broker/connection/tls-source.ts'
import { dayMs } from '#telemetry/durations.ts'
import { ConfigError } from '#telemetry/errors.ts'
import type { PlatformConfig } from './config.ts'

/** The files of TLS_CERT, TLS_KEY and TLS_CA: the certificate is reloaded when they change. */
export interface TlsFileSource extends TlsSource {
  close(): Promise<void>
}

type TlsConfig = Pick<PlatformConfig, 'TLS_CERT' | 'TLS_KEY' | 'TLS_CA'>

/** ms between two checks of the files */
const pollMs = 1_000
/** days before the end from which on it warns */
const warnDays = 14

async function read(variable: keyof TlsConfig, path: string): Promise<Buffer> {
  return readFile(path).catch((error: Error) => {
    throw new ConfigError(`${variable} is "${path}": cannot read it (${error.message})`, error)
  })
}

function certificateIn(variable: keyof TlsConfig, path: string, pem: Buffer): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (error) {
    throw new ConfigError(
      `${variable} is "${path}": there is no certificate in it (PEM, -----BEGIN CERTIFICATE-----)`,
      error,
    )
  }
}

function keyIn(path: string, pem: Buffer) {
  try {
    return createPrivateKey(pem)
  } catch (error) {
    throw new ConfigError(
      `TLS_KEY is "${path}": there is no private key in it that can be used (PEM, not encrypted; "openssl pkey -in FILE -out NEW" takes a passphrase off)`,
      error,
    )
  }
}

/**
 * Reads certificate and key and sees that they go together and are valid at `now`, epoch ms.
 * @throws ConfigError that names the variable, the file and what to do
 */
export async function readTls(config: TlsConfig, now: number): Promise<TlsFiles> {
  const { TLS_CERT, TLS_KEY, TLS_CA } = config
  if (!TLS_CERT) throw new ConfigError(`TLS_CERT is missing: ${TLS_KEY ? 'TLS_KEY' : 'TLS_CA'} goes with it`)
  if (!TLS_KEY) throw new ConfigError('TLS_KEY is missing: TLS_CERT needs the private key of its certificate')
  const cert = await read('TLS_CERT', TLS_CERT)
  const key = await read('TLS_KEY', TLS_KEY)
  const ca = TLS_CA === undefined ? undefined : await read('TLS_CA', TLS_CA)
  const certificate = certificateIn('TLS_CERT', TLS_CERT, cert)
  if (ca && TLS_CA) certificateIn('TLS_CA', TLS_CA, ca)
  if (!certificate.checkPrivateKey(keyIn(TLS_KEY, key)))
    throw new ConfigError(
      `TLS_KEY is "${TLS_KEY}": it is not the key of the certificate in TLS_CERT "${TLS_CERT}" (the device's own certificate comes first in that file)`,
    )
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
  if (now < from || now > to)
    throw new ConfigError(
      `TLS_CERT is "${TLS_CERT}": it is valid from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}, not now; renew it, or set this machine's clock`,
    )
  return { cert, key, expiresAt: to, ...(ca && { ca }) }
}

/**
 * Reads certificate and key when TLS is asked for, and reads them again when a file changes; what is wrong then is logged, and
 * the old ones stay in use, for a renewal changes one file after the other.
 * @throws ConfigError as {@link readTls}
 */
export async function watchTls(config: TlsConfig, log: Logger): Promise<TlsFileSource | undefined> {
  const paths = [config.TLS_CERT, config.TLS_KEY, config.TLS_CA].filter((path) => path !== undefined)
  if (paths.length === 0) return undefined
  let current = await readTls(config, Date.now())
  const warnIfEnding = () => {
    const days = Math.floor((current.expiresAt - Date.now()) / dayMs)
    if (days < warnDays) log.warn({ days, cert: config.TLS_CERT }, 'the certificate ends soon: renew it')
  }
  warnIfEnding()
  const listeners: ((material: TlsFiles) => void)[] = []
  const oneAtATime = pLimit(1)
  let reading = Promise.resolve()
  const again = async () => {
    try {
      current = await readTls(config, Date.now())
      for (const listener of listeners) listener(current)
      log.info({ cert: config.TLS_CERT }, 'certificate and key read again')
    } catch (error) {
      log.error({ err: error }, 'the changed certificate or key cannot be used: the old ones stay in use')
    }
  }
  const reread = () => {
    reading = oneAtATime(again)
  }
  for (const path of paths) watchFile(path, { interval: pollMs, persistent: false }, reread)
  const daily = setInterval(warnIfEnding, dayMs).unref()
  return {
    get current() {
      return current
    },
    onChange: (listener) => listeners.push(listener),
    async close() {
      clearInterval(daily)
      for (const path of paths) unwatchFile(path, reread)
      await reading
    },
  }
}

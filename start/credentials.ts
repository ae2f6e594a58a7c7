// npm run credentials -- add | rotate | revoke | list
import { parseArgs } from 'node:util'
import {
  type Credential,
  changeCredentials,
  credentialIdSchema,
  credentialSchema,
  readCredentials,
} from '#broker/auth/credentials-file.ts'
import { readLastSeen } from '#broker/auth/last-seen.ts'
import { hashSecret, newSecret } from '#broker/auth/secret.ts'
import { loadCity } from '#city/city.ts'
import { parseConfig } from '#telemetry/config.ts'
import { ConfigError, PlatformError } from '#telemetry/errors.ts'
import { platformConfig } from './config.ts'
import { identityFiles, openDataFolder } from './secrets.ts'

const usage = `npm run credentials -- COMMAND: who may connect to the broker; a running broker follows within a second
  add ID… --district DISTRICT --kind KIND [--certificate]   a sensor; with --certificate it needs no secret
  add ID… --role ROLE                                        a person or program: admin, ingest, alerts, api, simulators
  rotate ID…                                                 a new secret instead of the old one
  revoke ID…                                                 lets it in no more, and disconnects it
  list                                                       all of them, without secrets`

const options = {
  district: { type: 'string' },
  kind: { type: 'string' },
  role: { type: 'string' },
  certificate: { type: 'boolean' },
} as const

const config = () => parseConfig(platformConfig, process.env)

function arguments_() {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options })
    const [, command, ...ids] = positionals // the first is the name of this command
    return { values, command, ids }
  } catch (error) {
    throw new ConfigError(`${(error as Error).message}\n${usage}`) // parseArgs throws TypeError
  }
}
type Values = ReturnType<typeof arguments_>['values']

function checkIds(ids: readonly string[]): void {
  if (ids.length === 0) throw new ConfigError(`which ID?\n${usage}`)
  for (const id of ids) {
    const checked = credentialIdSchema.safeParse(id)
    if (!checked.success) throw new ConfigError(`ID "${id}" ${checked.error.issues[0]?.message}`)
  }
}

/** What `add` is asked to make, secret apart. */
async function wanted({ role = 'sensor', district, kind, certificate }: Values): Promise<Credential> {
  const createdAt = new Date().toISOString()
  if (role !== 'sensor' && (district ?? kind ?? certificate) !== undefined)
    throw new ConfigError('--role goes without --district, --kind and --certificate, which are for sensors')
  if (role === 'sensor' && (district === undefined || kind === undefined))
    throw new ConfigError(`a sensor needs --district and --kind\n${usage}`)
  const hash = role === 'sensor' && certificate ? undefined : await hashSecret('')
  const checked = credentialSchema.safeParse({ role, district, kind, createdAt, hash })
  if (!checked.success) {
    const faults = checked.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`)
    throw new ConfigError(`${faults.join('; ')}\n${usage}`)
  }
  const { districts } = await loadCity(config().CITY_DIR)
  if (district !== undefined && !districts.some(({ id }) => id === district))
    throw new ConfigError(`--district is "${district}"; there are ${districts.map(({ id }) => id).join(', ')}`)
  return checked.data
}

/** A new secret for each, hashed before the file is locked. */
function newSecrets(ids: readonly string[]): Promise<{ id: string; secret: string; hash: string }[]> {
  return Promise.all(
    ids.map(async (id) => {
      const secret = newSecret()
      return { id, secret, hash: await hashSecret(secret) }
    }),
  )
}

function show(secrets: readonly { id: string; secret: string }[]): void {
  console.error('ID and secret, shown this once: user name and password in MQTT')
  for (const { id, secret } of secrets) console.log(`${id} ${secret}`)
}

async function add(path: string, ids: readonly string[], values: Values): Promise<void> {
  const model = await wanted(values)
  const made = await newSecrets(ids)
  await changeCredentials(path, (credentials) => {
    for (const { id, hash } of made) {
      if (credentials.has(id)) throw new ConfigError(`"${id}" is there already: rotate it, or revoke it first`)
      credentials.set(id, model.hash === undefined ? model : { ...model, hash })
    }
  })
  if (model.hash !== undefined) show(made)
  else console.error(`added: signs in by a certificate whose common name is ${ids.join(', ')}`)
}

function known(credentials: ReadonlyMap<string, Credential>, id: string): Credential {
  const credential = credentials.get(id)
  if (!credential) throw new ConfigError(`there is no "${id}"; "npm run credentials -- list" shows all`)
  return credential
}

async function rotate(path: string, ids: readonly string[]): Promise<void> {
  const made = await newSecrets(ids)
  const rotatedAt = new Date().toISOString()
  await changeCredentials(path, (credentials) => {
    for (const { id, hash } of made) {
      const credential = known(credentials, id)
      if (!credential.hash) throw new ConfigError(`"${id}" signs in by its certificate: it has no secret to rotate`)
      credentials.set(id, { ...credential, hash, rotatedAt })
    }
  })
  show(made)
}

async function revoke(path: string, ids: readonly string[]): Promise<void> {
  await changeCredentials(path, (credentials) => {
    for (const id of ids) {
      known(credentials, id)
      credentials.delete(id)
    }
  })
  console.error(`revoked: ${ids.join(', ')}`)
}

async function list(path: string, lastSeenPath: string): Promise<void> {
  const credentials = [...((await readCredentials(path)) ?? [])]
  const lastSeen = await readLastSeen(lastSeenPath)
  const rows = credentials.map(([id, credential]) => {
    const seen = lastSeen.get(id)
    const { role, createdAt, rotatedAt, hash } = credential
    const [district, kind] = credential.role === 'sensor' ? [credential.district, credential.kind] : ['', '']
    return [
      ...[id, role, district, kind, hash ? 'secret' : 'certificate', createdAt, rotatedAt ?? ''],
      seen === undefined ? 'never' : new Date(seen).toISOString(),
    ]
  })
  const heads = ['ID', 'ROLE', 'DISTRICT', 'KIND', 'BY', 'CREATED', 'ROTATED', 'LAST SEEN']
  const widths = heads.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)))
  for (const row of [heads, ...rows])
    console.log(
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}

async function main(): Promise<void> {
  const { values, command, ids } = arguments_()
  const settings = config()
  const { credentialsPath, lastSeenPath } = identityFiles(settings)
  if (command === 'list') return list(credentialsPath, lastSeenPath)
  if (command !== 'add' && command !== 'rotate' && command !== 'revoke') throw new ConfigError(usage)
  if (command !== 'add' && Object.keys(values).length > 0) throw new ConfigError(usage)
  checkIds(ids)
  await openDataFolder(settings.DATA_DIR)
  if (command === 'add') return add(credentialsPath, ids, values)
  return command === 'rotate' ? rotate(credentialsPath, ids) : revoke(credentialsPath, ids)
}

await main().catch((error) => {
  console.error(error instanceof PlatformError ? `nhip: ${error.message}` : error)
  process.exit(1)
})

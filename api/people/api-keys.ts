import { randomBytes } from 'node:crypto'
import pLimit from 'p-limit'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { TelemetryStore } from '#storage/store.ts'
import type { ListedKey, NewKey } from '#telemetry/accounts.ts'
import { dayMs } from '#telemetry/durations.ts'
import { knownRightsSchema, rightsOfRole } from '#telemetry/people.ts'
import { timestampSchema } from '#telemetry/reading-parts.ts'
import { ApiProblem } from '../server/problems.ts'
import { type Account, foldName } from './account.ts'
import { DocumentCache } from './document-cache.ts'
import type { People } from './people.ts'
import { hashOf, newSecret, same } from './secrets.ts'

/** keys at most, expired ones among them */
const maxKeys = 1_000

/** ms within which the use of a key is recorded once */
const recordUseMs = 60_000

/** How a key begins, so that a scanner for leaked secrets finds it. */
const prefix = 'nhip'

const keySchema = z.object({
  id: z.string(),
  name: z.string(),
  /** id of the account of who made it */
  by: z.string(),
  rights: knownRightsSchema,
  hash: z.string(),
  createdAt: timestampSchema,
  until: timestampSchema,
})
type Key = z.infer<typeof keySchema>

const useSchema = z.object({ id: z.string(), usedAt: timestampSchema })

interface ApiKeyParts {
  store: TelemetryStore
  people: People
  log: Logger
  clock: () => number
}

/** The keys of programs: made by a person, with some of that person's rights and for some time. */
export class ApiKeys {
  readonly #parts: ApiKeyParts
  readonly #keys: DocumentCache<Key>
  /** apart from the keys, so that noting a use never brings back a key that was revoked meanwhile */
  readonly #uses: DocumentCache<z.infer<typeof useSchema>>
  /** keys whose use is being written */
  readonly #noting = new Set<string>()
  readonly #oneAtATime = pLimit(1)

  constructor(parts: ApiKeyParts) {
    const { store, log } = parts
    this.#parts = parts
    this.#keys = new DocumentCache({ store, log, collection: 'key', schema: keySchema })
    this.#uses = new DocumentCache({ store, log, collection: 'key-use', schema: useSchema })
  }

  async open(): Promise<void> {
    await Promise.all([this.#keys.open(), this.#uses.open()])
  }

  close(): void {
    this.#keys.close()
    this.#uses.close()
  }

  get loaded(): boolean {
    return this.#keys.loaded && this.#parts.people.loaded
  }

  onChange(listener: () => void): void {
    this.#keys.onChange(listener)
  }

  /** Whether a token has the form of a key. */
  static isKey(token: string): boolean {
    return token.startsWith(`${prefix}_`)
  }

  /**
   * Makes a key. `makerNow` is asked when it is this change's turn.
   * @throws ApiProblem FORBIDDEN for a right that its maker has not, CONFLICT for a name in use, and what `makerNow` throws
   */
  add(makerNow: () => Account, wanted: NewKey): Promise<{ key: ListedKey; token: string }> {
    return this.#oneAtATime(() => this.#add(makerNow, wanted))
  }

  async #add(makerNow: () => Account, { name, rights, days }: NewKey): Promise<{ key: ListedKey; token: string }> {
    await this.#keys.refresh()
    const maker = makerNow()
    const missing = rights.filter((right) => !rightsOfRole[maker.role].includes(right))
    if (missing.length > 0)
      throw new ApiProblem('FORBIDDEN', { code: 'OWN_RIGHTS_MISSING', params: { rights: missing } })
    if (this.#keys.all().some((key) => key.by === maker.id && foldName(key.name) === foldName(name)))
      throw new ApiProblem('CONFLICT', { code: 'KEY_NAME_TAKEN', params: { name } })
    if (this.#keys.all().length >= maxKeys)
      throw new ApiProblem('CONFLICT', { code: 'TOO_MANY_KEYS', params: { most: maxKeys } })
    const secret = newSecret()
    const [id, createdAt] = [randomBytes(6).toString('hex'), this.#parts.clock()]
    const until = createdAt + days * dayMs
    const key: Key = {
      ...{ id, name, createdAt, until },
      by: maker.id,
      rights: [...new Set(rights)],
      hash: hashOf(secret),
    }
    await this.#keys.put(key)
    return { key: this.#listed(key), token: `${prefix}_${id}_${secret}` }
  }

  /** The keys of one person, or of all. By name. */
  list(by?: string): ListedKey[] {
    const keys = this.#keys.all().filter((key) => by === undefined || key.by === by)
    return keys.map((key) => this.#listed(key)).toSorted((a, b) => a.name.localeCompare(b.name, 'vi'))
  }

  /**
   * Ends a key, once however many ask; of one maker alone when `makerNow` names one, which is asked when it is this change's turn.
   * @throws ApiProblem NOT_FOUND, and what `makerNow` throws
   */
  revoke(id: string, makerNow: () => string | undefined): Promise<ListedKey> {
    return this.#oneAtATime(async () => {
      await this.#keys.refresh()
      const by = makerNow()
      const key = this.#keys.get(id)
      if (!key || (by !== undefined && key.by !== by))
        throw new ApiProblem('NOT_FOUND', { code: 'NO_SUCH_KEY', params: {} })
      const listed = this.#listed(key)
      await this.#keys.remove(id)
      await this.#uses.remove(id)
      return listed
    })
  }

  /** Who a token stands for: its maker's name and its own, and those of its rights that its maker still has. */
  authenticate(token: string): { name: string; rights: Key['rights'] } | undefined {
    const [, id = '', secret = ''] = /^nhip_([0-9a-f]{12})_([\w-]{43})$/.exec(token) ?? []
    const key = this.#keys.get(id)
    const now = this.#parts.clock()
    // compared even where there is no key
    if (!same(hashOf(secret), key?.hash ?? '') || !key || key.until <= now) return undefined
    const maker = this.#parts.people.get(key.by)
    if (!maker || maker.disabled) return undefined
    this.#recordUse(id, now)
    const rights = key.rights.filter((right) => rightsOfRole[maker.role].includes(right))
    return { name: `${maker.name}/${key.name}`, rights }
  }

  #recordUse(id: string, usedAt: number): void {
    if (this.#noting.has(id) || usedAt - (this.#uses.get(id)?.usedAt ?? 0) < recordUseMs) return
    this.#noting.add(id)
    // a use that could not be noted is noted with the next
    this.#uses
      .put({ id, usedAt })
      .catch((error) => this.#parts.log.debug({ err: error }, 'use of a key not noted'))
      .finally(() => this.#noting.delete(id))
  }

  #listed({ id, name, by, rights, createdAt, until }: Key): ListedKey {
    const use = this.#uses.get(id)
    const maker = this.#parts.people.get(by)?.name ?? ''
    return { id, name, by: maker, rights, createdAt, until, ...(use ? { usedAt: use.usedAt } : {}) }
  }
}

import type { Logger } from 'pino'
import type { TelemetryStore } from '#storage/store.ts'
import type { SessionEnd } from '#telemetry/session-end.ts'
import { ApiProblem } from '../server/problems.ts'
import { type Account, accountSchema, firstAdmin, foldName } from './account.ts'
import { DocumentCache } from './document-cache.ts'
import { skeletonOf } from './similar-names.ts'

/** accounts at most, disabled ones among them */
const maxPeople = 1_000

/** What may change of an account. */
export type AccountChange = Partial<Pick<Account, 'name' | 'role' | 'disabled' | 'passwordHash' | 'invitation'>>

/** The accounts in the store, cached, so that every process of the api sees the same people; no two names look alike. */
export class Accounts {
  readonly #cache: DocumentCache<Account>
  readonly #clock: () => number

  constructor({ store, log, clock }: { store: TelemetryStore; log: Logger; clock: () => number }) {
    this.#cache = new DocumentCache({ store, log, collection: 'account', schema: accountSchema })
    this.#clock = clock
  }

  open(): Promise<void> {
    return this.#cache.open()
  }

  close(): void {
    this.#cache.close()
  }

  /** false until the people have been read from the store once: until then nobody but the admin token is known */
  get loaded(): boolean {
    return this.#cache.loaded
  }

  /** Looks into the store now. Rejects with StoreUnavailableError. */
  refresh(): Promise<void> {
    return this.#cache.refresh()
  }

  onChange(listener: () => void): void {
    this.#cache.onChange(listener)
  }

  /** An account that is in the store: the first admin is not before their sessions were ended once. */
  protected stored(id: string): Account | undefined {
    return this.#cache.get(id)
  }

  get(id: string): Account | undefined {
    return this.#cache.get(id) ?? (id === firstAdmin.id ? firstAdmin : undefined)
  }

  byName(name: string): Account | undefined {
    const folded = foldName(name)
    return this.list().find((account) => foldName(account.name) === folded)
  }

  /** By name. */
  list(): Account[] {
    const others = this.#cache.all().filter(({ id }) => id !== firstAdmin.id)
    const first = this.get(firstAdmin.id) ?? firstAdmin
    return [first, ...others].toSorted((a, b) => a.name.localeCompare(b.name, 'vi'))
  }

  /** Writes a change; every session of this person ends, and the account says why. */
  protected async write(account: Account, change: AccountChange): Promise<Account> {
    const changed: Account = {
      ...{ ...account, ...change },
      ...spentBy(account, change),
      generation: account.generation + 1,
      endedBy: sessionEndOf(account, change),
    }
    await this.#cache.put(changed)
    return changed
  }

  /** Somebody whose name looks like this one. */
  protected similarTo(name: string): Account | undefined {
    const looks = skeletonOf(name)
    return this.list().find((account) => skeletonOf(account.name) === looks)
  }

  /** Adds an account. @throws ApiProblem CONFLICT when the name is taken or looks like another */
  protected async create(fields: Pick<Account, 'id' | 'name' | 'role' | 'source'>): Promise<Account> {
    const taken = this.similarTo(fields.name)
    if (taken && foldName(taken.name) === foldName(fields.name))
      throw new ApiProblem('CONFLICT', { code: 'NAME_TAKEN', params: { name: fields.name } })
    if (taken)
      throw new ApiProblem('CONFLICT', { code: 'NAME_LOOKS_LIKE', params: { name: fields.name, other: taken.name } })
    if (this.#cache.all().length >= maxPeople)
      throw new ApiProblem('CONFLICT', { code: 'TOO_MANY_PEOPLE', params: { most: maxPeople } })
    const account: Account = { ...fields, disabled: false, generation: 0, createdAt: this.#clock() }
    await this.#cache.put(account)
    return account
  }
}

/** Why a change of an account ends its sessions. */
function sessionEndOf({ role, endedBy }: Account, change: AccountChange): SessionEnd {
  if (change.disabled) return 'disabled'
  // who is let in again still has the sessions that ended then
  if (change.disabled === false) return endedBy ?? 'disabled'
  if (change.role !== undefined && change.role !== role) return 'role'
  if (change.invitation) return 'invitation'
  return change.passwordHash === undefined ? 'everywhere' : 'password'
}

/** The one-time link that a change puts an end to, kept so that whoever opens it once more is told why it is good no more. */
function spentBy({ invitation }: Account, change: AccountChange): Pick<Account, 'spentInvitation'> {
  if (!invitation || !('invitation' in change)) return {}
  return { spentInvitation: { hash: invitation.hash, why: change.passwordHash === undefined ? 'replaced' : 'used' } }
}

import pLimit from 'p-limit'
import type { Logger } from 'pino'
import type { TelemetryStore } from '#storage/store.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import type { RequestFault } from '#telemetry/faults/request-faults.ts'
import type { PersonRole } from '#telemetry/people.ts'
import { ApiProblem } from '../server/problems.ts'
import { type Account, newAccountId } from './account.ts'
import { type AccountChange, Accounts } from './accounts.ts'
import { OneTimeClaims } from './one-time-claims.ts'
import { hashOf, newSecret, same } from './secrets.ts'

/** ms a one-time link is good for: three days */
const invitationMs = 3 * dayMs

/**
 * Everybody who may sign in, and what changes of them: invitations, password resets, roles. A change is made to
 * what the store holds at that moment; two changes of one person in the same instant by two processes leave the later one.
 */
export class People extends Accounts {
  readonly #claims: OneTimeClaims
  readonly #clock: () => number
  readonly #oneAtATime = pLimit(1)

  constructor(parts: { store: TelemetryStore; log: Logger; clock: () => number }) {
    super(parts)
    const { store, log, clock } = parts
    this.#claims = new OneTimeClaims({ store, log, clock, collection: 'invitation-claim', keptMs: hourMs })
    this.#clock = clock
  }

  /**
   * Adds somebody; they choose a password by the one-time token. `allowed` is asked when it is this change's turn.
   * @throws ApiProblem CONFLICT when the name is taken, and what `allowed` throws
   */
  async add(
    name: string,
    role: PersonRole,
    allowed: () => void,
  ): Promise<{ account: Account; token: string; until: number }> {
    const id = newAccountId()
    await this.#oneAtATime(async () => {
      await this.refresh()
      allowed()
      await this.create({ ...{ id, name, role }, source: 'password' })
    })
    return this.invite(id)
  }

  /** Gives somebody a new one-time token; their password and every session of theirs end. @throws ApiProblem, and what `allowed` throws */
  async invite(
    id: string,
    allowed?: (account: Account) => void,
  ): Promise<{ account: Account; token: string; until: number }> {
    this.#local(id)
    const secret = newSecret()
    const until = this.#clock() + invitationMs
    const invitation = { hash: hashOf(secret), until }
    const account = await this.change(id, { passwordHash: undefined, invitation }, allowed)
    return { account, token: `${id}.${secret}`, until }
  }

  /** Whose one-time token this is, if it is still good. */
  invited(token: string): Account | undefined {
    const [id = '', secret = '', more] = token.split('.')
    const account = this.stored(id)
    if (!account?.invitation || account.disabled || more !== undefined) return undefined
    const { hash, until } = account.invitation
    return same(hash, hashOf(secret)) && until > this.#clock() ? account : undefined
  }

  /** Why a one-time token is good no more, as whoever holds it is told. */
  invitationFault(token: string): RequestFault {
    const [id = '', secret = ''] = token.split('.')
    const account = this.stored(id)
    const hash = hashOf(secret)
    const isCurrent = account?.invitation !== undefined && same(account.invitation.hash, hash)
    const spent = account?.spentInvitation
    if (spent && same(spent.hash, hash))
      return { code: spent.why === 'used' ? 'INVITATION_USED' : 'INVITATION_REPLACED', params: {} }
    if (!isCurrent) return { code: 'INVITATION_OVER', params: {} }
    return { code: account.disabled ? 'ACCOUNT_DISABLED' : 'INVITATION_EXPIRED', params: {} }
  }

  /**
   * Sets the password that somebody chose with a one-time token, which is good once, however many ask at the same time, here
   * or at another process of the api: undefined for all but one of them, and for a token that is no longer good.
   */
  redeem(token: string, passwordHash: string): Promise<Account | undefined> {
    const invitedNow = async () => {
      await this.refresh()
      return this.invited(token)
    }
    return this.#oneAtATime(async () => {
      const invitation = (await invitedNow())?.invitation
      if (!invitation) return undefined
      if (!(await this.#claims.claim(invitation, async () => (await invitedNow()) !== undefined))) return undefined
      // somebody may have been kept out or invited anew meanwhile
      const account = await invitedNow()
      return account && this.write(account, { passwordHash, invitation: undefined })
    })
  }

  /**
   * Sets a password in the place of that whose hash was `before`; the one-time token and every session end.
   * @throws ApiProblem CONFLICT when it was changed or taken away meanwhile
   */
  setPassword(id: string, passwordHash: string, before: string | undefined): Promise<Account> {
    this.#local(id)
    return this.change(id, { passwordHash, invitation: undefined }, (account) => {
      if (account.passwordHash !== before || account.disabled)
        throw new ApiProblem('CONFLICT', { code: 'PASSWORD_CHANGED', params: {} })
    })
  }

  /** Somebody whom an OpenID provider vouches for; added when new, changed when their name or role has. */
  fromProvider(id: string, name: string, role: PersonRole): Promise<Account> {
    return this.#oneAtATime(async () => {
      await this.refresh()
      const known = this.stored(id)
      const taken = this.similarTo(name)
      // a name of our own has no "#"
      const unique = taken && taken.id !== id ? `${name}#${id.slice(-6)}` : name
      if (!known) return this.create({ id, name: unique, role, source: 'openid' })
      return known.name === unique && known.role === role ? known : this.write(known, { name: unique, role })
    })
  }

  /**
   * Changes somebody and ends every session of theirs. `allowed` looks at the account as it is at that moment.
   * @throws ApiProblem NOT_FOUND, and what `allowed` throws
   */
  change(id: string, change: AccountChange, allowed: (account: Account) => void = () => {}): Promise<Account> {
    return this.#oneAtATime(async () => {
      await this.refresh()
      const account = this.get(id)
      if (!account) throw new ApiProblem('NOT_FOUND', { code: 'NO_SUCH_PERSON', params: {} })
      allowed(account)
      return this.write(account, change)
    })
  }

  #local(id: string): void {
    if (this.get(id)?.source !== 'password')
      throw new ApiProblem('CONFLICT', { code: 'PASSWORD_ELSEWHERE', params: {} })
  }
}

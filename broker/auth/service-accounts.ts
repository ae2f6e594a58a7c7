import { hash, timingSafeEqual } from 'node:crypto'
import type { Role } from './authorization.ts'

/** A user that the installation itself has a secret for; the user name is the role's name. */
export type ServiceRole = Exclude<Role, 'sensor'>

/** A secret for each of them. */
export type Passwords = Readonly<Record<ServiceRole, string>>

const digest = (text: string | Buffer) => hash('sha256', text, 'buffer')

/** Checks names and passwords in constant time. Passwords are random 256-bit values, so a plain digest is enough. */
export class ServiceAccounts {
  readonly #digests: Map<string, { role: ServiceRole; digest: Buffer }>

  constructor(passwords: Passwords) {
    const entries = Object.entries(passwords) as [ServiceRole, string][] // Object.entries forgets the key type of a Record
    this.#digests = new Map(entries.map(([role, password]) => [role, { role, digest: digest(password) }]))
  }

  /** Whether there is such a user. */
  has(username: string): boolean {
    return this.#digests.has(username)
  }

  /** The role of this user, or undefined when name or password is wrong. */
  check(username: string | undefined, password: Buffer | undefined): ServiceRole | undefined {
    const account = this.#digests.get(username ?? '')
    const given = digest(password ?? '')
    return timingSafeEqual(given, account?.digest ?? digest('nobody')) ? account?.role : undefined
  }
}

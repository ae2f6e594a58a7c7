import type { BrokerFault } from '#telemetry/faults/broker-faults.ts'
import { networkOf } from '#telemetry/network.ts'
import type { Peer } from '../connection/listeners.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import type { Identity } from './authorization.ts'
import type { ConnectFault } from './connect-fault.ts'
import type { Credentials } from './credentials.ts'
import type { Credential } from './credentials-file.ts'
import { FailedSignIns } from './failed-sign-ins.ts'
import { SecretVerifier } from './secret-verifier.ts'
import { type Passwords, ServiceAccounts } from './service-accounts.ts'

/** Who signs in, with what. */
export interface SignInRequest {
  username: string | undefined
  password: Buffer | undefined
  peer: Peer
}

/** The identity, with its credential unless it is a service; or why the sign-in is refused. */
export type SignInAnswer =
  | { ok: true; identity: Identity; credential?: Credential }
  | { ok: false; fault: ConnectFault }

const wrong = (fault: BrokerFault): ConnectFault => ({ what: 'credentials', returnCode: 4, fault })

/** The identity that a credential stands for. */
function identityOf(user: string, credential: Credential): Identity {
  if (credential.role !== 'sensor') return { user, role: credential.role }
  const { role, district, kind } = credential
  return { user, role, district, kind }
}

/**
 * Checks who a client is: sensors and people by their own credential, services by theirs, and sensors without a password by their
 * certificate. A service with the right secret, and a sensor whose secret was verified before, are accepted even when their address is blocked.
 */
export class SignIn {
  readonly #accounts: ServiceAccounts
  readonly #credentials: Credentials
  readonly #failed: FailedSignIns
  readonly #verifier: SecretVerifier

  constructor(passwords: Passwords, credentials: Credentials, limits: BrokerLimits, metrics: BrokerMetrics) {
    this.#accounts = new ServiceAccounts(passwords)
    this.#credentials = credentials
    this.#failed = new FailedSignIns(limits)
    this.#verifier = new SecretVerifier(limits.MAX_SIGN_INS_WAITING, metrics.signInsWaiting)
  }

  /** Checks a sign-in, at once when it can: only a secret whose hash has much work, and that is new to this process, takes time. */
  check(request: SignInRequest): SignInAnswer | Promise<SignInAnswer> {
    const { username = '', password, peer } = request
    if (password === undefined && peer.certificate !== undefined) return this.#byCertificate(username, peer.certificate)
    const credential = this.#credentials.get(username)
    if (credential && password && this.#verifier.isVerified(credential, password))
      return this.#accepted(username, credential)
    // before the address is checked: services of one machine share it with every client that fails there
    const role = this.#accounts.check(username, password)
    if (role) return { ok: true, identity: { user: username, role } }
    const address = networkOf(peer.address)
    const isService = this.#accounts.has(username)
    const known = credential || isService ? username : undefined
    const blocked = this.#blocked(known, address)
    if (blocked) return { ok: false, fault: blocked }
    if (isService || password === undefined) return this.#failure(known, address)
    const right = this.#verifier.verifyNow(credential, password)
    if (credential && right === undefined) return this.#bySecret(username, credential, password, address)
    return credential && right ? this.#accepted(username, credential) : this.#failure(known, address)
  }

  #accepted(user: string, credential: Credential): SignInAnswer {
    return { ok: true, identity: identityOf(user, credential), credential }
  }

  #byCertificate(username: string, name: string): SignInAnswer {
    if (username !== '' && username !== name)
      return { ok: false, fault: wrong({ code: 'OTHER_COMMON_NAME', params: {} }) }
    const credential = this.#credentials.get(name)
    if (credential?.role === 'sensor') return this.#accepted(name, credential)
    return { ok: false, fault: wrong({ code: 'UNKNOWN_COMMON_NAME', params: {} }) }
  }

  async #bySecret(user: string, credential: Credential, password: Buffer, address: string): Promise<SignInAnswer> {
    if (this.#verifier.full) {
      const fault: BrokerFault = { code: 'TOO_MANY_SIGN_INS_WAITING', params: { setting: 'MAX_SIGN_INS_WAITING' } }
      return { ok: false, fault: { what: 'sign-ins', returnCode: 3, fault } }
    }
    // many guesses may come before the first is found wrong
    let blocked: ConnectFault | undefined
    const right = await this.#verifier.verify(credential, password, () => {
      blocked = this.#blocked(user, address)
      return !blocked
    })
    if (blocked) return { ok: false, fault: blocked }
    const still = this.#credentials.get(user) === credential // it may have been revoked meanwhile
    return right && still ? this.#accepted(user, credential) : this.#failure(user, address)
  }

  #blocked(known: string | undefined, address: string): ConnectFault | undefined {
    const blocked = this.#failed.blocked(known, address, performance.now())
    if (!blocked) return undefined
    const setting = `FAILED_SIGN_INS_PER_${blocked.toUpperCase()}`
    return { what: 'blocked', returnCode: 3, fault: { code: 'TOO_MANY_FAILED_SIGN_INS', params: { setting } } }
  }

  #failure(known: string | undefined, address: string): SignInAnswer {
    this.#failed.record(known, address, performance.now())
    return { ok: false, fault: wrong({ code: 'WRONG_USER_OR_PASSWORD', params: {} }) }
  }
}

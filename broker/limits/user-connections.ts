import type { Duplex } from 'node:stream'
import type { ConnectFault } from '../auth/connect-fault.ts'
import type { BrokerLimits } from './limits.ts'
import { isService } from './role-rates.ts'
import { UserQuota } from './user-quota.ts'

/** Limits the connections of each user: one credential cannot use up those of all. */
export class UserConnections {
  readonly #limits: Pick<BrokerLimits, 'MAX_CONNECTIONS_PER_USER' | 'MAX_CONNECTIONS_PER_SERVICE'>
  readonly #devices = new UserQuota()
  readonly #services = new UserQuota()

  constructor(limits: BrokerLimits) {
    this.#limits = limits
  }

  /**
   * Counts a connection for its user until it closes; answers why when there are too many. One that takes over a client id ends the
   * connection that had it, and is always accepted.
   */
  add(connection: Duplex, user: string, role: string, takesOver: boolean): ConnectFault | undefined {
    if (connection.destroyed) return undefined
    const variable = isService(role) ? 'MAX_CONNECTIONS_PER_SERVICE' : 'MAX_CONNECTIONS_PER_USER'
    const share = isService(role) ? this.#services : this.#devices
    if (!share.reserve(user, 1, takesOver ? Number.POSITIVE_INFINITY : this.#limits[variable]))
      return {
        ...{ what: 'connections', returnCode: 3 },
        fault: { code: 'TOO_MANY_CONNECTIONS_OF_USER', params: { setting: variable } },
      }
    connection.once('close', () => share.release(user, 1))
    return undefined
  }

  /** Connections of the device with most. */
  get largest(): number {
    return this.#devices.largest
  }
}

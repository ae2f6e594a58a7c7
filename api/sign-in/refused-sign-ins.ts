import type { SignInWay } from '#telemetry/audit-actions.ts'
import { networkOf } from '#telemetry/network.ts'
import type { AuditLog } from '../audit-log/audit-log.ts'

/** ms in which the refused sign-ins of one address are one entry of the audit log */
const gatherMs = 60_000

/** addresses remembered, once for each way to sign in; beyond that the oldest is recorded and forgotten */
const maxAddresses = 10_000

/** names of one entry */
const maxNames = 20

/** A sign-in that was refused. */
export interface RefusedSignIn {
  /** address it came from */
  from: string
  /** how it was tried */
  way: SignInWay
  /** who was signed in already; nobody where absent */
  who?: string
  /** name of somebody there is, never what was typed */
  target?: string
}

interface Gathered {
  /** ms of the clock when an entry was last recorded */
  at: number
  /** refused since then */
  count: number
  names: Set<string>
  last: RefusedSignIn
}

/**
 * Records refused sign-ins in the audit log, which is kept for long: the first of each address (IPv6: each /64) and way at once, and
 * what comes in the minute after it in one more entry, so that strangers do not fill it. An entry with `before` stands for so many more.
 */
export class RefusedSignIns {
  readonly #auditLog: Pick<AuditLog, 'record'>
  readonly #clock: () => number
  readonly #gathered = new Map<string, Gathered>()
  readonly #timer: NodeJS.Timeout

  constructor(auditLog: Pick<AuditLog, 'record'>, clock: () => number, recordEveryMs = gatherMs) {
    this.#auditLog = auditLog
    this.#clock = clock
    this.#timer = setInterval(() => void this.#recordOld(), recordEveryMs).unref()
  }

  /** Counts one; resolves when it is in the audit log, if it is recorded at once. */
  async refused(refusal: RefusedSignIn): Promise<void> {
    const key = `${refusal.way} ${networkOf(refusal.from)} ${refusal.who ?? ''}`
    const now = this.#clock()
    const gathered = this.#gathered.get(key)
    if (!gathered) {
      await this.#makeRoom()
      this.#gathered.set(key, { at: now, count: 0, names: new Set(), last: refusal })
      await this.#record(refusal)
      return
    }
    gathered.count += 1
    gathered.last = refusal
    if (refusal.target && gathered.names.size < maxNames) gathered.names.add(refusal.target)
    if (now - gathered.at >= gatherMs) await this.#recordGathered(gathered)
  }

  /** Records what is gathered. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(Array.from(this.#gathered.values(), (gathered) => this.#recordGathered(gathered)))
    this.#gathered.clear()
  }

  async #recordOld(): Promise<void> {
    const before = this.#clock() - gatherMs
    const old = Array.from(this.#gathered).filter(([, { at }]) => at <= before)
    for (const [key, { count }] of old) if (count === 0) this.#gathered.delete(key)
    await Promise.all(old.map(([, gathered]) => this.#recordGathered(gathered)))
  }

  async #recordGathered(gathered: Gathered): Promise<void> {
    const { count, names, last } = gathered
    if (count === 0) return
    Object.assign(gathered, { at: this.#clock(), count: 0, names: new Set() })
    names.delete(last.target ?? '')
    await this.#record(last, {
      ...(count > 1 && { before: count - 1 }),
      ...(names.size > 0 && { others: [...names] }),
    })
  }

  async #makeRoom(): Promise<void> {
    const [oldest] = this.#gathered
    if (!oldest || this.#gathered.size < maxAddresses) return
    this.#gathered.delete(oldest[0])
    await this.#recordGathered(oldest[1])
  }

  #record(
    { who = '', from, target = '', way }: RefusedSignIn,
    more: { before?: number; others?: string[] } = {},
  ): Promise<void> {
    return this.#auditLog.record({ who, from, what: 'session.refuse', target, detail: { way, ...more } })
  }
}

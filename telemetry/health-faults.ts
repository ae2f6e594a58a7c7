/**
 * What may be wrong with a platform whose processes answer: `STORE_WRITE`, the store takes no readings or events now;
 * `INGEST_STUCK`, readings wait in the journal and none has got on for a minute; `JOURNAL_VERSION`, the journal holds blocks of a
 * version that this one cannot read; `JOURNAL_WRITE`, the journal takes no readings, and they are not acknowledged;
 * `ALERTS_NOT_WATCHING`, alerts has for some seconds not been able to read the store at its start, or to listen to the broker;
 * `JOURNAL_READ`, the journal cannot be reached by those who bring its readings to the store and the screens;
 * `ROLL_UPS_BEHIND`, the upkeep of the roll-ups has been hours behind for some minutes: answers about the past are right, and slower.
 */
export const healthFaultCodes = [
  'STORE_WRITE',
  'INGEST_STUCK',
  'JOURNAL_VERSION',
  'JOURNAL_WRITE',
  'ALERTS_NOT_WATCHING',
  'JOURNAL_READ',
  'ROLL_UPS_BEHIND',
] as const
export type HealthFaultCode = (typeof healthFaultCodes)[number]

/** With these alone a process does all that it is for: they are told, and it is ready. */
const slowing: readonly HealthFaultCode[] = ['ROLL_UPS_BEHIND']

/** The faults that stand in one process: its parts tell of them, readiness says them. */
export class HealthFaults {
  readonly #switches = new Map<HealthFaultCode, Set<symbol>>()

  /** The codes of the faults that stand, in the order of {@link healthFaultCodes}. */
  get now(): HealthFaultCode[] {
    return healthFaultCodes.filter((code) => (this.#switches.get(code)?.size ?? 0) > 0)
  }

  /** Whether none stands that keeps the process from what it is for. */
  get areTolerable(): boolean {
    return this.now.every((code) => slowing.includes(code))
  }

  /** A switch of its own for one part. A fault stands while any of its switches is on; a new one is off. */
  switchOf(code: HealthFaultCode): (wrong: boolean) => void {
    const own = Symbol(code)
    const on = this.#switches.get(code) ?? new Set()
    this.#switches.set(code, on)
    return (wrong) => {
      if (wrong) on.add(own)
      else on.delete(own)
    }
  }
}

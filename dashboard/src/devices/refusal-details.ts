import type { BrokerRefusal, RefusalCode } from '#telemetry/diagnostics.ts'
import type { BrokerFault } from '#telemetry/faults/broker-faults.ts'

/** the fault that the words of a code say already */
const saidByCode: Partial<Record<RefusalCode, BrokerFault['code']>> = {
  credentials: 'WRONG_USER_OR_PASSWORD',
  publish: 'NO_RIGHT_TO_PUBLISH',
}

/** The faults of a refusal that say more than the words of its code do. */
export function refusalDetails({ code, faults = [] }: Pick<BrokerRefusal, 'code' | 'faults'>): readonly BrokerFault[] {
  return faults.filter((fault) => fault.code !== saidByCode[code])
}

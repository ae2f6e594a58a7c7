import type { MsgHdrs } from '@nats-io/transport-node'
import { headers } from '@nats-io/transport-node'
import type { SteadyClock } from '#telemetry/steady-clock.ts'

/** header of a block: when its broker sent it by the clock of its machine, and by one that does not jump; epoch ms */
const clocksHeader = 'Nhip-Clocks'

/** The header of a block that is sent now. */
export function createClockHeader(clock: SteadyClock): MsgHdrs {
  const header = headers()
  header.set(clocksHeader, `${Date.now()} ${clock.now()}`)
  return header
}

/** What a message of the stream says of when it was sent. */
interface Timed {
  /** by the clock of its server */
  time: Date
  headers?: MsgHdrs | undefined
}

/**
 * When a block was sent by another clock than that of its broker's machine: the server's, or the broker's own that does not
 * jump; the one that differs most from the machine's. Epoch ms.
 */
export function checkedAt(message: Timed): number {
  const server = message.time.getTime()
  const [wall, steady] = clocksOf(message)
  if (wall === undefined || steady === undefined) return server
  return Math.abs(steady - wall) > Math.abs(server - wall) ? steady : server
}

/** When a block was sent by the clock of its broker that does not jump; by the server's, of a release that had none. Epoch ms. */
export function sentAt(message: Timed): number {
  return clocksOf(message)[1] ?? message.time.getTime()
}

function clocksOf({ headers }: Timed): (number | undefined)[] {
  return (headers?.get(clocksHeader) ?? '')
    .split(' ')
    .map((text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined))
}

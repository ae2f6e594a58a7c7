import { type Packet, parser } from 'mqtt-packet'
import { headerLength } from './packet-length.ts'

/** The fields of a CONNECT of MQTT 3.1.1 for a clean session (section 3.1). */
export interface SessionlessConnect {
  clientId: string
  clean: true
  /** s */
  keepalive: number
  will: { topic: string; payload: Buffer; qos: 0 | 1 | 2; retain: boolean } | undefined
  username: string | undefined
  password: Buffer | undefined
}

/** The one packet that these bytes are; undefined when it is wrong, or is not all of them. */
function parseWhole(bytes: Buffer): Packet | undefined {
  let found: Packet | undefined
  // a new one each time: a parser retains the last CONNECT, which contains a password
  const reader = parser()
  reader.on('packet', (packet) => {
    found = packet
  })
  reader.on('error', () => {}) // then there is no packet
  reader.parse(bytes)
  return found && headerLength(bytes, 0) + (found.length ?? 0) === bytes.length ? found : undefined
}

/**
 * Parses a whole CONNECT. Undefined when it is not one of version 3.1.1 for a clean session, or is wrong: what is wrong with it, and how to
 * answer it, is left to Aedes.
 */
export function parseSessionlessConnect(bytes: Buffer): SessionlessConnect | undefined {
  const packet = parseWhole(bytes)
  if (packet?.cmd !== 'connect' || packet.protocolVersion !== 4 || 'bridgeMode' in packet || !packet.clean)
    return undefined
  const { clientId, keepalive = 0, will, username, password } = packet
  if (username === undefined && password !== undefined) return undefined
  const { qos = 0 } = will ?? {}
  if (![0, 1, 2].includes(qos)) return undefined
  return {
    ...{ clientId, clean: true, keepalive, username },
    // a copy of the payload, for what it is cut from holds the password
    will: will && { topic: will.topic, payload: Buffer.from(will.payload), qos, retain: will.retain ?? false },
    password: typeof password === 'string' ? Buffer.from(password) : password,
  }
}

import { generate } from 'mqtt-packet'
import { headerLength, packetLength } from '../wire/packet-length.ts'

/** Why a connection is ended for its first bytes, or later for a packet too long. */
export type ReadFault = 'packet-size' | 'protocol' | 'version'

/** What to do with the first bytes of a connection. */
export type ConnectPart =
  | { fault: ReadFault; length: number }
  /** the first `length` bytes are of the CONNECT: a part of it, its last part, or all of it at once */
  | { is: 'part' | 'last' | 'whole'; length: number }

/** most bytes of a CONNECT, will included */
const maxConnectBytes = 65_536
const connectByte = 0x10
/** bytes of a CONNECT from the length of the protocol's name to the version, when that name is MQTT */
const versionBytes = 7

/** CONNACK with return code 1, unacceptable protocol version */
export const unknownVersion = generate({ cmd: 'connack', returnCode: 1, sessionPresent: false })

/** Finds the CONNECT at the beginning of a connection and checks its type, length and version before it is buffered. */
export class ConnectReader {
  /** bytes of it still to come; undefined while its beginning is awaited */
  #left: number | undefined
  #isComplete = false

  /** Whether the whole CONNECT has come. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Checks what has come and is not handled; undefined when more must come, or nothing more is expected. */
  next(bytes: Buffer, maxPacketBytes: number): ConnectPart | undefined {
    const isFirst = this.#left === undefined
    if (this.#left === undefined) {
      const head = connectHead(bytes, maxPacketBytes)
      if (head === undefined || typeof head === 'object') return head
      this.#left = head
    }
    const length = Math.min(bytes.length, this.#left)
    if (length === 0) return undefined
    this.#left -= length
    if (this.#left > 0) return { is: 'part', length }
    this.#isComplete = true
    return { is: isFirst ? 'whole' : 'last', length }
  }
}

/** The length of a CONNECT, bytes; undefined while too little of it has come; or what is wrong with it. */
function connectHead(bytes: Buffer, maxPacketBytes: number): number | { fault: ReadFault; length: number } | undefined {
  if (bytes[0] !== connectByte) return { fault: 'protocol', length: bytes.length }
  const length = packetLength(bytes, 0)
  if (length === undefined) return undefined
  if (length > Math.min(maxPacketBytes, maxConnectBytes)) return { fault: 'packet-size', length }
  if (bytes.length < Math.min(length, headerLength(bytes, 0) + versionBytes)) return undefined
  return asksForUnknownVersion(bytes) ? { fault: 'version', length: bytes.length } : length
}

/**
 * Whether a CONNECT asks for a version that MQTT does not have, which must be answered with return code 1 (MQTT-3.1.2-2); the parser of
 * Aedes sees a broken packet in it. Version 5 it knows, and Aedes refuses it. The highest bit marks a bridge.
 */
function asksForUnknownVersion(connect: Buffer): boolean {
  const at = headerLength(connect, 0)
  const level = connect[at + versionBytes - 1]
  return (
    connect.toString('latin1', at + 2, at + 6) === 'MQTT' && level !== undefined && ![3, 4, 5].includes(level & 0x7f)
  )
}

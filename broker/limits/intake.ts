import type { Duplex } from 'node:stream'
import { packetMeter } from '../packet-limit.ts'
import type { Rates } from './rates.ts'
import { TokenBucket } from './token-bucket.ts'

export interface IntakeOptions {
  maxPacketBytes: number
  /** Called once when the connection is ended for what it sent: a packet too long, or one before CONNECT. */
  refused(what: 'packet-size' | 'protocol', length: number): void
  /** Called each time reading waits for the client's rate, ms. */
  delayed(waitMs: number): void
}

/** The door through which one connection's bytes reach Aedes. */
export interface Intake {
  /** Lets nothing more through until `release`: between CONNECT and its answer. */
  hold(): void
  /** Lets bytes through, on average at most at these rates; Aedes reads on by itself once the client is accepted. */
  release(rates: Rates): void
}

/** bytes of one connection that Aedes is given in one turn: nobody holds up the others with many small packets */
const turnBytes = 16_384
/** most bytes of a CONNECT, will included */
const maxConnectBytes = 65_536
/** s of a rate that may come at once */
const burstS = 2
/** first byte of a CONNECT */
const connectByte = 0x10

/**
 * Stands in the connection's `read()`, from which Aedes takes its bytes, and so costs no stream of its own. A packet's
 * length is checked from its fixed header, before the packet is buffered (Aedes has no such limit: moscajs/aedes#1086).
 * Over its rate a client is read later: its socket fills, TCP makes it wait, nothing is dropped.
 */
export function openIntake(connection: Duplex, options: IntakeOptions): Intake {
  const read = connection.read.bind(connection)
  let held = false
  let first = true
  let resting = false
  let pause: NodeJS.Timeout | undefined
  let packets = 0
  let messages: TokenBucket | undefined
  let bytes: TokenBucket | undefined
  const overLimit = packetMeter(options.maxPacketBytes, {
    counted: () => {
      packets += 1
    },
    maxFirst: Math.min(options.maxPacketBytes, maxConnectBytes),
  })
  const end = (what: 'packet-size' | 'protocol', length: number) => {
    options.refused(what, length)
    connection.destroy()
    return null
  }
  const wake = () => {
    pause = undefined
    resting = false
    connection.emit('readable')
  }
  const pace = (length: number) => {
    const now = performance.now()
    const waitMs = Math.max(messages?.take(packets, now) ?? 0, bytes?.take(length, now) ?? 0)
    packets = 0
    if (waitMs > 0) {
      options.delayed(waitMs)
      pause = setTimeout(wake, waitMs)
    } else if (connection.readableLength > 0) {
      // Aedes may ask for more from inside its parser, which must not get it before it is done
      resting = true
      setImmediate(wake)
    }
  }
  connection.read = (size?: number) => {
    if (size === 0) return read(0) // the stream's own wish for more; what came of it would be lost
    if (held || pause || resting) return null
    const chunk: Buffer | null = read(connection.readableLength > turnBytes ? turnBytes : size)
    if (chunk === null) return null
    if (first && chunk[0] !== connectByte) return end('protocol', chunk.length)
    first = false
    const length = overLimit(chunk)
    if (length !== undefined) return end('packet-size', length)
    pace(chunk.length)
    return chunk
  }
  connection.once('close', () => clearTimeout(pause))
  return {
    hold() {
      held = true
    },
    release(rates) {
      held = false
      const now = performance.now()
      messages = new TokenBucket(rates.messages, rates.messages * burstS, now)
      bytes = new TokenBucket(rates.bytes, rates.bytes * burstS, now)
    },
  }
}

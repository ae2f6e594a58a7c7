import type { Duplex } from 'node:stream'
import type { Allowance } from '../limits/user-rates.ts'
import { packetLength } from '../wire/packet-length.ts'
import { AedesInput, type AedesInputOwner } from './aedes-input.ts'
import { ConnectReader, type ReadFault, unknownVersion } from './connect-reader.ts'
import type { DrainableClient, FastPath, PausedReader } from './fast-path.ts'
import { ReadingPace, type ReadingPaceOwner } from './reading-pace.ts'
import { UnreadAnswers } from './unread-answers.ts'

/** What the socket readers of all connections share. */
export interface SocketReaderOptions {
  maxPacketBytes: number
  /** Called with the size of each part of a CONNECT that has not come as a whole. */
  connectBytesReceived(connection: Duplex, bytes: number): void
  /** Called once when the whole CONNECT has come. */
  connectReceived(connection: Duplex): void
  /** Handles a whole CONNECT; false when Aedes must have it. */
  acceptConnect(connect: Buffer, connection: Duplex): boolean
  /** Makes Aedes listen to the connection, with {@link SocketReader.intercept}. */
  attachAedes(connection: Duplex): void
  /** Called once when the connection is ended for what it sent. */
  refused(what: ReadFault, length: number, connection: Duplex): void
  /** Called each time reading waits for the client's rate, ms. */
  delayed(waitMs: number): void
}

/** bytes of one connection that are handled in one turn: nobody holds up the others with many small packets */
const turnBytes = 16_384
const pingByte = 0xc0
const nothing = Buffer.alloc(0)

/**
 * Reads the bytes of one connection, packet by packet: first the CONNECT, and nothing more until its client is released; then turn by turn,
 * readings on the fast path and everything else for Aedes, each turn once Aedes is done with the one before. A packet's length is checked
 * from its fixed header, before the packet is buffered (Aedes has no such limit: moscajs/aedes#1086). A client over its rate is read later:
 * its socket fills, TCP makes it wait, nothing is dropped. So is one that sends tiny chunks.
 */
export class SocketReader implements PausedReader, AedesInputOwner, ReadingPaceOwner {
  readonly #connection: Duplex
  readonly #options: SocketReaderOptions
  readonly #aedes: AedesInput
  readonly #pace: ReadingPace
  readonly #connect = new ConnectReader()
  readonly #unread: UnreadAnswers
  #fastPath: FastPath | undefined
  #client: DrainableClient | undefined
  #maxPacketBytes: number
  /** came in and is not handled yet */
  #backlog: Buffer = nothing
  /** bytes still to come of a packet that Aedes has in part */
  #left = 0
  /** whether its CONNECT was accepted */
  #isReleased = false
  /** whether the next packet must wait for the fast path */
  #waitsForFastPath = false
  /** whether the next turn is due */
  #turnIsDue = false

  constructor(connection: Duplex, options: SocketReaderOptions) {
    this.#connection = connection
    this.#options = options
    this.#maxPacketBytes = options.maxPacketBytes
    this.#aedes = new AedesInput(connection, this, options.attachAedes)
    this.#pace = new ReadingPace(this)
    this.#unread = new UnreadAnswers(connection)
  }

  /** Begins to read. */
  start(): void {
    const connection = this.#connection
    connection.on('data', (chunk: Buffer) => {
      this.#backlog = this.#backlog.length > 0 ? Buffer.concat([this.#backlog, chunk]) : chunk
      this.#pace.chunkReceived(chunk.length)
      this.#handle()
      if (!this.#connect.isComplete) this.#options.connectBytesReceived(connection, chunk.length)
      this.#pace.pauseIfTiny()
      this.#pauseOrRead()
    })
    connection.once('close', () => {
      this.#pace.close()
      this.#backlog = nothing
    })
  }

  /** Takes the place of the connection for Aedes, which has begun to listen to it. */
  intercept(): void {
    this.#aedes.intercept()
  }

  /** Gives Aedes a whole CONNECT. */
  passConnect(connect: Buffer): void {
    this.#aedes.offer(connect, true)
  }

  /** Reads on behind the CONNECT, on average at most as much as is allowed; each packet is shown to the fast path first. */
  release(client: DrainableClient, allowance: Allowance, fastPath: FastPath): void {
    this.#isReleased = true
    this.#fastPath = fastPath
    this.#client = client
    this.#maxPacketBytes = Math.max(this.#maxPacketBytes, allowance.packetBytes)
    this.#pace.limit(allowance)
    if (this.#backlog.length > 0) this.#nextTurn() // after CONNACK
  }

  /** Counts a packet as so many more. */
  charge(packets: number): void {
    this.#pace.charge(packets, 0)
  }

  resume(): void {
    this.#waitsForFastPath = false
    this.#continue()
  }

  delayed(waitMs: number): void {
    this.#options.delayed(waitMs)
  }

  aedesAsked(received: boolean): void {
    // not at once: Aedes may ask from inside its parser, which must not get more before it is done
    if (this.#aedes.isIdle && this.#backlog.length > 0) this.#nextTurn()
    else if (!received) this.#continue()
  }

  #continue(): void {
    this.#handle()
    this.#pauseOrRead()
  }

  #handle(): void {
    if (this.#backlog.length === 0 || this.#waits || this.#connection.destroyed) return
    if (this.#isReleased) this.#turn()
    else this.#readConnect()
  }

  /** Reads on only when nothing waits: what comes in is bounded by one chunk. */
  #pauseOrRead(): void {
    const connection = this.#connection
    if (connection.destroyed) return
    if (this.#waits) {
      if (!connection.isPaused()) connection.pause()
    } else if (connection.isPaused()) connection.resume()
  }

  get #waits(): boolean {
    return (
      !this.#aedes.isIdle ||
      this.#waitsForFastPath ||
      this.#turnIsDue ||
      this.#unread.isTooMany ||
      this.#pace.isPaused ||
      this.#fastPath?.full === true
    )
  }

  #nextTurn(): void {
    if (this.#turnIsDue) return
    this.#turnIsDue = true
    setImmediate(() => {
      this.#turnIsDue = false
      this.#continue()
    })
  }

  /** Gives Aedes what is in the backlog from `from` to `to`; what is before is handled. */
  #passToAedes(from: number, to: number, endsPacket: boolean): void {
    if (endsPacket) this.#pace.packetEnded()
    const bytes = this.#backlog.subarray(from, to)
    this.#backlog = this.#backlog.subarray(to)
    this.#aedes.offer(bytes, endsPacket)
  }

  #readConnect(): void {
    const connect = this.#connect.next(this.#backlog, this.#maxPacketBytes)
    if (!connect) return
    if ('fault' in connect) {
      this.#refuse(connect.fault, connect.length)
      return
    }
    if (connect.is !== 'part') this.#options.connectReceived(this.#connection)
    if (connect.is === 'whole') this.#acceptConnect(connect.length)
    else this.#passToAedes(0, connect.length, connect.is === 'last')
  }

  #acceptConnect(length: number): void {
    this.#pace.packetEnded()
    const connect = this.#backlog.subarray(0, length)
    this.#backlog = this.#backlog.length > length ? this.#backlog.subarray(length) : nothing
    if (!this.#options.acceptConnect(connect, this.#connection)) this.passConnect(connect)
  }

  /** Handles packets from the front: those of the fast path up to the first for Aedes, then those for Aedes up to the next of the fast path. */
  #turn(): void {
    const bytes = this.#backlog
    const fastPath = this.#fastPath
    const turn = Math.min(bytes.length, turnBytes)
    let at = Math.min(this.#left, turn)
    /** where those for Aedes begin */
    let from = at > 0 ? 0 : -1
    let packets = 0
    this.#left -= at
    let endsPacket = at > 0 && this.#left === 0
    while (at < turn && fastPath?.full !== true) {
      const length = packetLength(bytes, at)
      if (length === undefined) break
      if (length > this.#maxPacketBytes) {
        this.#refuse('packet-size', length)
        return
      }
      const first = bytes[at] ?? 0
      const to = at + length
      if (fastPath?.mayPublish(first, length)) {
        if (to > bytes.length) break
        if (from >= 0 && fastPath.isReading(bytes, at, to)) break
        if (from < 0 && fastPath.publish(bytes, at, to)) {
          packets += 1
          at = to
          this.#pace.packetEnded()
          continue
        }
      }
      if (fastPath?.busy && first !== pingByte) {
        this.#waitsForFastPath = true
        break
      }
      if (from < 0) from = at
      packets += 1
      at = Math.min(to, turn)
      this.#left = to - at
      if (this.#left === 0) endsPacket = true
    }
    if (at > 0) {
      this.#pace.charge(packets, at)
      this.#countAnswers(packets)
    }
    // there is more than a turn holds: others first
    if (at >= turn && bytes.length > at) this.#nextTurn()
    if (from >= 0) this.#passToAedes(from, at, endsPacket)
    else if (at > 0) this.#backlog = bytes.subarray(at)
  }

  /** Reads no more of a client that reads nothing. */
  #countAnswers(packets: number): void {
    if (!this.#unread.add(packets)) return
    this.#client?.waitForDrain(() => {
      this.#unread.reset()
      this.#continue()
    })
  }

  #refuse(what: ReadFault, length: number): void {
    this.#options.refused(what, length, this.#connection)
    if (what !== 'version') {
      this.#connection.destroy()
      return
    }
    this.#aedes.block()
    this.#connection.end(unknownVersion, () => this.#connection.destroy())
  }
}

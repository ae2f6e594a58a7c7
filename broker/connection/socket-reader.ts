import type { Duplex } from 'node:stream'
import type { TokenBucket } from '../limits/token-bucket.ts'
import type { Allowance } from '../limits/user-rates.ts'
import { headerLength, packetLength } from '../wire/packet-length.ts'

/** What the intakes of all connections share. */
export interface SocketReaderOptions {
  maxPacketBytes: number
  /** Told of bytes of a CONNECT that has not come as a whole. */
  cameInPart(connection: Duplex, bytes: number): void
  /** Told once when the whole CONNECT has come. */
  connected(connection: Duplex): void
  /** Takes a whole CONNECT; false when Aedes must have it. */
  welcome(connect: Buffer, connection: Duplex): boolean
  /** Makes Aedes listen to the connection, with {@link SocketReader.stepBetween}. */
  listen(connection: Duplex): void
  /** Called once when the connection is ended for what it sent: a packet too long, one before CONNECT, or a CONNECT of a version that there is not. */
  refused(what: 'packet-size' | 'protocol' | 'version', length: number, connection: Duplex): void
  /** Called each time reading waits for the client's rate, ms. */
  delayed(waitMs: number): void
}

/** What a lane tells that it may no longer be busy or full. */
export interface ResumableReader {
  wake(): void
}

/** A client that can be waited for. */
export interface DrainableClient {
  /** Calls back when the connection takes bytes again; ends the connection when it does not in time. */
  waitForDrain(done: () => void): void
}

/** Takes packets of one connection that need not go through Aedes. */
export interface FastPath {
  /** Whether a packet with this first byte and of this length may be its own: then it is shown whole. */
  mayTake(firstByte: number, length: number): boolean
  /** Whether the packet between `from` and `to` is its own. */
  owns(bytes: Buffer, from: number, to: number): boolean
  /** Takes that packet if it is its own. */
  take(bytes: Buffer, from: number, to: number): boolean
  /** Whether something it took is not answered yet: what comes behind it must wait, for answers go out in order. */
  readonly busy: boolean
  /** Whether it takes nothing more for now. */
  readonly full: boolean
}

/** bytes of one connection that are handled in one turn: nobody holds up the others with many small packets */
const turnBytes = 16_384
/** most bytes of a CONNECT, will included */
const maxConnectBytes = 65_536
/** a chunk shorter than this in which no packet ends is a crumb; after so many in a row the connection rests */
const crumbBytes = 1_024
const maxCrumbs = 2
/** ms of such a rest, in which TCP gathers the crumbs: each costs as much as a chunk of packets */
const crumbRestMs = 20
/** packets that are read of a client while it reads nothing: Aedes writes most of its answers without asking whether there is room */
const maxUnreadAnswers = 1_000
const connectByte = 0x10
const pingByte = 0xc0
/** CONNACK with return code 1, unacceptable protocol version */
const unknownVersion = Buffer.from([0x20, 2, 0, 1])
const nothing = Buffer.alloc(0)

/** bytes of a CONNECT from the length of the protocol's name to the version, when that name is MQTT */
const versionBytes = 7

/**
 * Whether a CONNECT asks for a version that MQTT has not, which must be answered with return code 1 (MQTT-3.1.2-2); the parser of
 * Aedes takes it for a broken packet. Version 5 it knows, and Aedes refuses it. The highest bit marks a bridge.
 */
function asksForUnknownVersion(connect: Buffer): boolean {
  const at = headerLength(connect, 0)
  const level = connect[at + versionBytes - 1]
  return (
    connect.toString('latin1', at + 2, at + 6) === 'MQTT' && level !== undefined && ![3, 4, 5].includes(level & 0x7f)
  )
}

/**
 * The door through which one connection's bytes reach Aedes: the CONNECT, and nothing more until its client is released;
 * then turn by turn, each once Aedes is done with the one before. A packet's length is checked from its fixed header,
 * before the packet is buffered (Aedes has no such limit: moscajs/aedes#1086). Over its rate a client is read later:
 * its socket fills, TCP makes it wait, nothing is dropped. So is one that trickles.
 */
export class SocketReader implements ResumableReader {
  readonly #connection: Duplex
  readonly #options: SocketReaderOptions
  /** what Aedes listens with, once it does */
  #listener: ((this: Duplex) => void) | undefined
  #lane: FastPath | undefined
  /** came in and is not handled yet */
  #backlog: Buffer = nothing
  /** what Aedes gets when it asks */
  #ready: Buffer | null = null
  /** whether a packet ends in `#ready`: then Aedes asks for more by itself once it is done */
  #endsPacket = false
  /** bytes still to come of a packet that Aedes has in part */
  #left = 0
  /** how far the client is: its CONNECT is awaited, on its way to Aedes, or accepted */
  #stage: 'new' | 'connecting' | 'released' = 'new'
  /** whether the whole CONNECT has come */
  #isConnected = false
  #aedesWaits = true
  /** whether what comes next must wait for the lane */
  #laneFirst = false
  #resting = false
  /** packets since the connection last took all that was written */
  #unread = 0
  /** whether the client reads none of the answers to what it sends */
  #stuck = false
  #client: DrainableClient | undefined
  /** crumbs since a packet ended */
  #crumbs = 0
  #pause: NodeJS.Timeout | undefined
  #messages: TokenBucket | undefined
  #bytes: TokenBucket | undefined
  #maxPacketBytes: number

  constructor(connection: Duplex, options: SocketReaderOptions) {
    this.#connection = connection
    this.#options = options
    this.#maxPacketBytes = options.maxPacketBytes
  }

  /** Begins to read. */
  begin(): void {
    const connection = this.#connection
    connection.on('data', (chunk: Buffer) => {
      this.#backlog = this.#backlog.length > 0 ? Buffer.concat([this.#backlog, chunk]) : chunk
      this.#crumbs = chunk.length < crumbBytes ? this.#crumbs + 1 : 0
      this.#handle()
      if (!this.#isConnected) this.#options.cameInPart(connection, chunk.length)
      if (this.#crumbs > maxCrumbs) this.#pauseFor(crumbRestMs)
      this.#readOn()
    })
    connection.once('close', () => {
      clearTimeout(this.#pause)
      this.#backlog = nothing
    })
  }

  /** Steps between the connection and Aedes, which has begun to listen to it. */
  stepBetween(): void {
    const connection = this.#connection
    const [listener] = connection.listeners('readable')
    this.#listener = listener as (this: Duplex) => void // of an event without arguments
    connection.removeAllListeners('readable')
    const read = connection.read.bind(connection)
    // Aedes asks for null; the stream itself for a number or nothing
    connection.read = (size?: number | null) => (size === null ? this.#give() : read(size))
  }

  /** Gives Aedes a whole CONNECT. */
  handOver(connect: Buffer): void {
    this.#endsPacket = true
    this.#offer(connect)
  }

  /** Lets bytes of this client through, on average at most as it is allowed, as soon as Aedes asks for them; the lane is asked first. */
  release(client: DrainableClient, { messages, bytes, packetBytes }: Allowance, lane: FastPath): void {
    this.#stage = 'released'
    this.#lane = lane
    this.#client = client
    this.#maxPacketBytes = Math.max(this.#maxPacketBytes, packetBytes)
    this.#messages = messages
    this.#bytes = bytes
    this.#pace(0, 0) // what connections before it owe
    if (this.#backlog.length > 0) this.#rest() // after CONNACK
  }

  /** Counts a packet as so many more. */
  charge(packets: number): void {
    this.#pace(packets, 0)
  }

  wake(): void {
    this.#laneFirst = false
    this.#goOn()
  }

  #goOn(): void {
    this.#handle()
    this.#readOn()
  }

  #handle(): void {
    if (this.#backlog.length === 0 || this.#waits || this.#connection.destroyed) return
    if (this.#stage === 'released') this.#turn()
    else this.#connectTurn()
  }

  /** Reads on only when nothing waits: what comes in is bounded by one chunk. */
  #readOn(): void {
    const connection = this.#connection
    if (connection.destroyed) return
    if (this.#waits) {
      if (!connection.isPaused()) connection.pause()
    } else if (connection.isPaused()) connection.resume()
  }

  get #waits(): boolean {
    return (
      !this.#aedesWaits ||
      this.#laneFirst ||
      this.#resting ||
      this.#stuck ||
      this.#pause !== undefined ||
      this.#lane?.full === true
    )
  }

  #give(): Buffer | null {
    const bytes = this.#ready
    this.#ready = null
    this.#aedesWaits = bytes === null || !this.#endsPacket
    // not at once: Aedes may ask from inside its parser, which must not get more before it is done
    if (this.#aedesWaits && this.#backlog.length > 0) this.#rest()
    else if (bytes === null) this.#goOn()
    return bytes
  }

  #rest(): void {
    if (this.#resting) return
    this.#resting = true
    setImmediate(() => {
      this.#resting = false
      this.#goOn()
    })
  }

  #offerFront(from: number, to: number): void {
    if (this.#endsPacket) this.#crumbs = 0
    const bytes = this.#backlog.subarray(from, to)
    this.#backlog = this.#backlog.subarray(to)
    this.#offer(bytes)
  }

  #offer(bytes: Buffer): void {
    this.#ready = bytes
    this.#aedesWaits = false
    if (!this.#listener) this.#options.listen(this.#connection)
    this.#listener?.call(this.#connection)
  }

  #connectTurn(): void {
    const bytes = this.#backlog
    if (this.#stage === 'new') {
      if (bytes[0] !== connectByte) {
        this.#end('protocol', bytes.length)
        return
      }
      const length = packetLength(bytes, 0)
      if (length === undefined) return
      if (length > Math.min(this.#maxPacketBytes, maxConnectBytes)) {
        this.#end('packet-size', length)
        return
      }
      if (bytes.length < Math.min(length, headerLength(bytes, 0) + versionBytes)) return
      if (asksForUnknownVersion(bytes)) {
        this.#refuseVersion(bytes.length)
        return
      }
      this.#stage = 'connecting'
      if (bytes.length >= length) {
        this.#takeConnect(length)
        return
      }
      this.#left = length
    }
    const to = Math.min(bytes.length, this.#left)
    this.#left -= to
    this.#endsPacket = this.#left === 0
    if (this.#endsPacket && !this.#isConnected) this.#connectCame()
    if (to > 0) this.#offerFront(0, to)
  }

  #connectCame(): void {
    this.#isConnected = true
    this.#options.connected(this.#connection)
  }

  #takeConnect(length: number): void {
    this.#connectCame()
    this.#crumbs = 0
    const connect = this.#backlog.subarray(0, length)
    this.#backlog = this.#backlog.length > length ? this.#backlog.subarray(length) : nothing
    if (!this.#options.welcome(connect, this.#connection)) this.handOver(connect)
  }

  /** Handles whole packets from the front: those of the lane up to the first for Aedes, then those for Aedes up to the next of the lane. */
  #turn(): void {
    const bytes = this.#backlog
    const lane = this.#lane
    const turn = Math.min(bytes.length, turnBytes)
    let at = Math.min(this.#left, turn)
    /** where those for Aedes begin */
    let from = at > 0 ? 0 : -1
    let packets = 0
    this.#left -= at
    this.#endsPacket = at > 0 && this.#left === 0
    while (at < turn && lane?.full !== true) {
      const length = packetLength(bytes, at)
      if (length === undefined) break
      if (length > this.#maxPacketBytes) {
        this.#end('packet-size', length)
        return
      }
      const first = bytes[at] ?? 0
      const to = at + length
      if (lane?.mayTake(first, length)) {
        if (to > bytes.length) break
        if (from >= 0 && lane.owns(bytes, at, to)) break
        if (from < 0 && lane.take(bytes, at, to)) {
          packets += 1
          at = to
          this.#crumbs = 0
          continue
        }
      }
      if (lane?.busy && first !== pingByte) {
        this.#laneFirst = true
        break
      }
      if (from < 0) from = at
      packets += 1
      at = Math.min(to, turn)
      this.#left = to - at
      if (this.#left === 0) this.#endsPacket = true
    }
    if (at > 0) {
      this.#pace(packets, at)
      this.#heed(packets)
    }
    // there is more than a turn holds: others first
    if (at >= turn && bytes.length > at) this.#rest()
    if (from >= 0) this.#offerFront(from, at)
    else if (at > 0) this.#backlog = bytes.subarray(at)
  }

  #pace(packets: number, length: number): void {
    const now = performance.now()
    const waitMs = Math.max(this.#messages?.take(packets, now) ?? 0, this.#bytes?.take(length, now) ?? 0)
    if (waitMs <= 0) return
    this.#options.delayed(waitMs)
    this.#pauseFor(waitMs)
  }

  /** Reads no more of who reads nothing. */
  #heed(packets: number): void {
    this.#unread = this.#connection.writableNeedDrain ? this.#unread + packets : 0
    if (this.#unread <= maxUnreadAnswers || this.#stuck) return
    this.#stuck = true
    this.#client?.waitForDrain(() => {
      this.#stuck = false
      this.#unread = 0
      this.#goOn()
    })
  }

  #pauseFor(ms: number): void {
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined
      this.#goOn()
    }, ms)
  }

  #refuseVersion(length: number): void {
    this.#options.refused('version', length, this.#connection)
    this.#aedesWaits = false // it gets nothing
    this.#connection.end(unknownVersion, () => this.#connection.destroy())
  }

  #end(what: 'packet-size' | 'protocol', length: number): void {
    this.#options.refused(what, length, this.#connection)
    this.#connection.destroy()
  }
}

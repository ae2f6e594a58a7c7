/** What reads a connection; it pauses while the fast path is busy or full. */
export interface PausedReader {
  /** Reads on, unless something else requires a pause. */
  resume(): void
}

/** A client whose connection can be waited for. */
export interface DrainableClient {
  /** Calls back when the connection accepts bytes again; ends the connection when it does not in time. */
  waitForDrain(done: () => void): void
}

/** Publishes packets of one connection that need not go through Aedes. */
export interface FastPath {
  /** Whether a packet with this first byte and of this length may be one for the fast path: then it is read as a whole. */
  mayPublish(firstByte: number, length: number): boolean
  /** Whether the packet between `from` and `to` is a reading for the fast path. */
  isReading(bytes: Buffer, from: number, to: number): boolean
  /** Publishes that packet if it is one for the fast path. */
  publish(bytes: Buffer, from: number, to: number): boolean
  /** Whether something it published is not acknowledged yet: later packets must wait, because answers are sent in order. */
  readonly busy: boolean
  /** Whether it accepts nothing more for now. */
  readonly full: boolean
}

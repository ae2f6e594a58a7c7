/** ms from the epoch to the first start of a bucket of `window` ms, when one begins at `origin` (epoch ms). */
export function phaseOf(origin: number, window: number): number {
  const phase = ((origin % window) + window) % window
  if (!Number.isSafeInteger(phase)) throw new RangeError(`origin is ${origin}: it must be a whole number of ms`)
  return phase
}

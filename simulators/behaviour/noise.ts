/**
 * Numbers that look random and depend on nothing but their keys: history and live agree, whatever order they are asked in.
 * Each key is mixed in by MurmurHash3's 32-bit finaliser (Austin Appleby, public domain).
 */
function mix(hash: number, key: number): number {
  let h = Math.imul(hash ^ key, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** The key of a name under a seed: an unsigned 32-bit integer (FNV-1a over its characters, then mixed with the seed). */
export function keyOf(name: string, seed: number): number {
  let h = 0x811c9dc5
  for (let at = 0; at < name.length; at++) h = Math.imul(h ^ name.charCodeAt(at), 0x01000193)
  return mix(h >>> 0, seed)
}

/** Evenly spread over 0 (included) to 1 (excluded), for a key, a stream of numbers and a place in it (any integer below 2^53). */
export function uniform(key: number, stream: number, at: number): number {
  const low = at >>> 0
  const high = Math.floor(at / 4_294_967_296)
  return mix(mix(mix(key, stream), low), high) / 4_294_967_296
}

/** Smooth noise from -1 to 1 that wanders within `lengthMs` (value noise, smoothstep between the corners). */
export function wander(key: number, stream: number, ts: number, lengthMs: number): number {
  const at = Math.floor(ts / lengthMs)
  const share = ts / lengthMs - at
  const eased = share * share * (3 - 2 * share)
  const from = uniform(key, stream, at)
  return 2 * (from + (uniform(key, stream, at + 1) - from) * eased) - 1
}

/** Rounds to so many digits after the point: what a device prints. */
export function round(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}

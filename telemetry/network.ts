/** Two groups of an IPv6 address in the place of four numbers of IPv4 at its end, where there are such. */
function withoutNumbers(address: string): string {
  return address.replace(/(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/, (whole, ...found) => {
    const [a = 256, b = 256, c = 256, d = 256] = found.slice(0, 4).map(Number)
    if (Math.max(a, b, c, d) > 255) return String(whole)
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  })
}

/** The eight groups of an IPv6 address; undefined when it is none. */
function groupsOf(address: string): number[] | undefined {
  const halves = withoutNumbers(address).split('::')
  const [left = [], right] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const gap = 8 - left.length - (right?.length ?? 0)
  if (halves.length > 2 || (right ? gap < 1 : gap !== 0)) return undefined
  const groups = [...left, ...Array<string>(gap).fill('0'), ...(right ?? [])]
  return groups.every((group) => /^[\da-f]{1,4}$/i.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined
}

/**
 * What counts as one caller: an IPv4 address, also one that is written as IPv6 (`::ffff:…`), and of IPv6 the /64, which one
 * caller has as a whole. What is no address stays as it is.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const groups = groupsOf(address.split('%')[0] ?? '')
  if (!groups) return address
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  if (isMapped)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join('.')
  return groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')
}

/** Whether an IP address, however it is written, is this machine's own loopback. */
export function isLoopbackAddress(address: string): boolean {
  if (/^127(\.\d{1,3}){3}$/.test(networkOf(address))) return true
  const groups = groupsOf(address)
  return groups?.every((group, at) => group === (at === 7 ? 1 : 0)) ?? false
}

/**
 * Who the client is, by one rule: the platform's `CF-Connecting-IP`, which Cloudflare sets itself and no client can. No other header is
 * believed, whatever its name.
 */

/** Enough to keep it harmless in a header and a log; whether it is an address is the platform's word. */
const ADDRESS = /^[0-9a-fA-F.:]{2,45}$/

export function clientAddress(header: string | undefined): string | undefined {
  return header !== undefined && ADDRESS.test(header) ? header : undefined
}

/** The network that clients of one site share: /24 of IPv4, /48 of IPv6. Empty when the address is unknown. */
export function networkOf(address: string | undefined): string {
  if (address === undefined) return ''
  if (!address.includes(':')) return address.slice(0, address.lastIndexOf('.'))
  const [left = '', right] = address.toLowerCase().split('::')
  const groups = left.split(':')
  // `2001:db8::1` has zeros where `::` stands; an address without it has all its groups.
  while (right !== undefined && groups.length < 3) groups.push('0')
  return groups
    .slice(0, 3)
    .map((group) => group.replace(/^0+(?=.)/, '') || '0')
    .join(':')
}

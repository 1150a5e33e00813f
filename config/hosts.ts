/** What hosts mean: which patterns take them, and which no one outside this machine or network can reach. */

/** The pattern of every host that Cloudflare sends to the gateway and no other pattern takes. */
export const ANY_HOST = '*'

/** Whether a host is taken by a pattern: the same host, or `*.example.com` for any depth below `example.com`. */
export const takes = (pattern: string, host: string): boolean =>
  pattern === host || (pattern.startsWith('*.') && host.length > pattern.length - 1 && host.endsWith(pattern.slice(1)))

/** The patterns that name a host: itself, and a wildcard for each domain above it. Not `*`, which names none. */
export function patternsOf(host: string): readonly string[] {
  const labels = host.split('.')
  return [host, ...labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`)]
}

/** IPv4 in dotted form (all that a URL leaves of its spellings) or IPv6 in brackets. */
export const isAddress = (host: string): boolean => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) || host.startsWith('[')

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || /^127\./.test(host) || host === '[::1]'

/** Names that mean something in one network only (RFC 6761, RFC 6762, RFC 9476, ICANN's `.internal`, Kubernetes), and names without a dot. */
export const isPrivateName = (host: string): boolean =>
  !host.includes('.') || /\.(?:localhost|local|internal|intranet|lan|home\.arpa|svc|cluster|alt|onion|test|invalid)$/.test(host)

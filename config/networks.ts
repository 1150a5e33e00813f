/** IP addresses and networks as numbers, both families. Read when the configuration is checked, and once more when an isolate compiles its rules. */
import type { Reading } from './fields.ts'

export interface IpAddress {
  readonly family: 4 | 6
  /** 32 or 128 bits. */
  readonly bits: bigint
}

/** All addresses whose first `length` bits are those of `bits`; the others of `bits` are 0. */
export interface Network extends IpAddress {
  readonly length: number
}

const WIDTHS = { 4: 32, 6: 128 } as const
const MAPPED = 0xffffn

/** Undefined for all that is no address, zone ids and leading zeros among it. An IPv4 address within IPv6 (`::ffff:192.0.2.7`) is the IPv4 address. */
export function readIp(text: string): IpAddress | undefined {
  if (!text.includes(':')) {
    const bits = readV4(text)
    return bits === undefined ? undefined : { family: 4, bits }
  }
  const bits = readV6(text)
  if (bits === undefined) return undefined
  return bits >> 32n === MAPPED ? { family: 4, bits: bits & 0xffffffffn } : { family: 6, bits }
}

const OCTET = /^(?:0|[1-9]\d{0,2})$/

function readV4(text: string): bigint | undefined {
  const octets = text.split('.')
  if (octets.length !== 4) return undefined
  let bits = 0n
  for (const octet of octets) {
    if (!OCTET.test(octet) || Number(octet) > 255) return undefined
    bits = (bits << 8n) | BigInt(octet)
  }
  return bits
}

const GROUP = /^[0-9a-f]{1,4}$/i
const GROUPS = 8

function readV6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, index) => groupsOf(half, index === halves.length - 1))
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const missing = GROUPS - head.length - (tail?.length ?? 0)
  // `::` stands for at least one group.
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  return [...head, ...Array<bigint>(missing).fill(0n), ...(tail ?? [])].reduce((bits, group) => (bits << 16n) | group, 0n)
}

/** Of one side of `::`; the last two groups of the text may be written as an IPv4 address. */
function groupsOf(half: string, endsText: boolean): readonly bigint[] | undefined {
  if (half === '') return []
  const groups: bigint[] = []
  const written = half.split(':')
  for (const [index, group] of written.entries()) {
    const dotted = endsText && index === written.length - 1 && group.includes('.') ? readV4(group) : undefined
    if (dotted !== undefined) groups.push(dotted >> 16n, dotted & 0xffffn)
    else if (GROUP.test(group)) groups.push(BigInt(`0x${group}`))
    else return undefined
  }
  return groups
}

const EXPECTED = 'an address or a network such as 203.0.113.0/24 or 2001:db8::/32'

/** `203.0.113.0/24`, `2001:db8::/32`, or one address. */
export function readNetwork(text: string): Reading<Network> {
  const [written = '', said, ...others] = text.split('/')
  const ip = readIp(written)
  if (ip === undefined || others.length > 0) return { expected: EXPECTED }
  const width = WIDTHS[ip.family]
  if (ip.family === 4 && written.includes(':')) return { expected: `${EXPECTED}; an IPv4 address in its own notation` }
  if (said !== undefined && (!/^(?:0|[1-9]\d{0,2})$/.test(said) || Number(said) > width))
    return { expected: `${EXPECTED}: at most ${width} bits` }
  const length = said === undefined ? width : Number(said)
  const bits = firstBits(ip, length) << BigInt(width - length)
  if (bits === ip.bits) return { value: { family: ip.family, bits, length } }
  const network = { family: ip.family, bits, length }
  return { expected: 'a network: an address without bits behind its length', suggestion: `write ${showNetwork(network)}` }
}

export const isWithin = (network: Network, ip: IpAddress): boolean =>
  ip.family === network.family && firstBits(ip, network.length) === firstBits(network, network.length)

/** Whether all of the second is in the first. */
export const holdsNetwork = (network: Network, other: Network): boolean => other.length >= network.length && isWithin(network, other)

const firstBits = ({ family, bits }: IpAddress, length: number): bigint => bits >> BigInt(WIDTHS[family] - length)

/** In full, without leading zeros and with the first longest run of zeros as `::` (RFC 5952 section 4). */
export function showNetwork({ family, bits, length }: Network): string {
  const size = family === 4 ? 8 : 16
  const parts = Array.from({ length: WIDTHS[family] / size }, (_, index) =>
    Number((bits >> BigInt(WIDTHS[family] - size * (index + 1))) & BigInt((1 << size) - 1)),
  )
  return `${family === 4 ? parts.join('.') : shorten(parts.map((part) => part.toString(16)))}/${length}`
}

function shorten(groups: readonly string[]): string {
  let best = { from: 0, count: 1 }
  let from = 0
  for (const [index, group] of groups.entries()) {
    if (group !== '0') from = index + 1
    else if (index + 1 - from > best.count) best = { from, count: index + 1 - from }
  }
  if (best.count === 1) return groups.join(':')
  return `${groups.slice(0, best.from).join(':')}::${groups.slice(best.from + best.count).join(':')}`
}

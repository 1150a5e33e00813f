/** Addresses and networks of both families: how they may be written, and who is in them. */
import { BlockList, isIP } from 'node:net'
import { describe, expect, test } from 'vitest'
import { holdsNetwork, isWithin, type Network, readIp, readNetwork, showNetwork } from '../../../config/networks.ts'
import { dice, SEED } from '../../seed.ts'

const network = (text: string): Network => {
  const reading = readNetwork(text)
  if (!('value' in reading)) throw new Error(`${text}: ${reading.expected}`)
  return reading.value
}

describe('an address', () => {
  test.each([
    ['203.0.113.7', 4, 0xcb007107n],
    ['0.0.0.0', 4, 0n],
    ['255.255.255.255', 4, 0xffffffffn],
    ['::', 6, 0n],
    ['::1', 6, 1n],
    ['2001:DB8::1', 6, 0x20010db8000000000000000000000001n],
    ['1:2:3:4:5:6:7:8', 6, 0x00010002000300040005000600070008n],
    ['64:ff9b::192.0.2.33', 6, 0x0064ff9b0000000000000000c0000221n],
    // As the platform may write a client of IPv4.
    ['::ffff:192.0.2.7', 4, 0xc0000207n],
    ['::ffff:c000:207', 4, 0xc0000207n],
  ] as const)('%s is IPv%s %s', (text, family, bits) => expect(readIp(text)).toEqual({ family, bits }))

  test.each([
    ...['', '1', '1.2.3', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1.2.3.04', '0x1.2.3.4', '1.2.3.4 ', ' 1.2.3.4', '1..2.3', '-1.2.3.4'],
    ...[':', ':::', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1::2::3', '::12345', '::g', 'fe80::1%eth0', '[::1]', '1:2:3:4:5:6:7:8::'],
    ...['::1.2.3', '1.2.3.4::', '::1.2.3.4:5', '1:2:3:4:5:6:7:1.2.3.4'],
  ])('%j is none', (text) => expect(readIp(text)).toBeUndefined())
})

describe('a network', () => {
  test.each([
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['203.0.113.7', '203.0.113.7/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:0DB8:0000::/32', '2001:db8::/32'],
    ['::1', '::1/128'],
    ['::/0', '::/0'],
    ['2001:db8:0:1:0:0:0:0/64', '2001:db8:0:1::/64'],
  ])('%s is %s', (text, shown) => expect(showNetwork(network(text))).toBe(shown))

  test.each([
    ['203.0.113.7/24', 'write 203.0.113.0/24'],
    ['10.0.0.1/8', 'write 10.0.0.0/8'],
    ['1.2.3.4/0', 'write 0.0.0.0/0'],
    ['2001:db8::1/32', 'write 2001:db8::/32'],
  ])('%s has bits behind its length: %s', (text, suggestion) => expect(readNetwork(text)).toMatchObject({ suggestion }))

  test.each([
    '',
    '/24',
    '1.2.3.4/',
    '1.2.3.4/33',
    '1.2.3.4/08',
    '1.2.3.4/-1',
    '1.2.3.4/24/8',
    '::/129',
    '::1/1.5',
    '::ffff:1.2.3.4',
    'shop',
  ])('%j is none', (text) => expect(readNetwork(text)).toHaveProperty('expected'))
})

test(`who is in a network, as node:net has it, seed ${SEED}`, () => {
  const draw = dice(SEED)
  const word = () => Math.floor(draw() * 65_536)
  // Few different numbers, so that many addresses are near each other.
  const few = () => (draw() < 0.7 ? Math.floor(draw() * 3) : word())
  const v4 = () => `${few() & 255}.${few() & 255}.${few() & 255}.${few() & 255}`
  const v6 = () => Array.from({ length: 8 }, () => few().toString(16)).join(':')
  let inside = 0
  for (let round = 0; round < 20_000; round += 1) {
    const [family, make, width] = draw() < 0.5 ? (['ipv4', v4, 32] as const) : (['ipv6', v6, 128] as const)
    const length = Math.floor(draw() * (width + 1))
    const written = readNetwork(`${make()}/${length}`)
    const text = 'value' in written ? showNetwork(written.value) : (written.suggestion?.slice('write '.length) ?? '')
    // IPv4 within IPv6 is another matter.
    if (text === '' || text.startsWith('::')) continue
    const list = new BlockList()
    list.addSubnet(text.split('/')[0] ?? '', length, family)
    const asked = draw() < 0.8 ? make() : draw() < 0.5 ? v4() : v6()
    const ip = readIp(asked)
    if (ip === undefined || (isIP(asked) === 6 && ip.family === 4)) continue
    const expected = list.check(asked, isIP(asked) === 4 ? 'ipv4' : 'ipv6')
    if (expected) inside += 1
    expect(isWithin(network(text), ip), `${asked} in ${text}`).toBe(expected)
  }
  expect(inside).toBeGreaterThan(500)
})

test('a network holds the smaller ones in it', () => {
  expect(holdsNetwork(network('10.0.0.0/8'), network('10.1.0.0/16'))).toBe(true)
  expect(holdsNetwork(network('10.1.0.0/16'), network('10.0.0.0/8'))).toBe(false)
  expect(holdsNetwork(network('10.0.0.0/8'), network('11.0.0.0/16'))).toBe(false)
  expect(holdsNetwork(network('0.0.0.0/0'), network('::/0'))).toBe(false)
})

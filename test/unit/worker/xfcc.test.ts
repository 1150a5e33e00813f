/** What endpoints are told of a client's certificate: Envoy's header, read back by a reader of Envoy's grammar, and RFC 9440's. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findCorpus } from '../../../cli/conformance/corpus.ts'
import { trustId } from '../../../config/ids.ts'
import { binaryItem, writeClientCert } from '../../../worker/policy/client-cert.ts'
import type { VerifiedCertificate } from '../../../worker/policy/identity.ts'
import { writeXfcc } from '../../../worker/policy/xfcc.ts'
import { dice, SEED } from '../../seed.ts'

const CERTIFICATE: VerifiedCertificate = {
  kind: 'verified',
  trust: trustId('partners'),
  fingerprint: '468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688',
  subject: 'CN=Test Client,OU=Lyft,O=San Francisco\\, Inc.',
  dns: ['lyft.com', 'www.lyft.com'],
  uris: ['spiffe://cluster.local/ns/a/sa/x'],
  leaf: `${'ab+/'.repeat(17)}ab==`,
  chain: [],
}

/** The grammar of Envoy's documentation: elements, pairs, quotes with `\"` within. `aware`: a backslash before a backslash counts. */
function readXfcc(header: string, aware: boolean): readonly (readonly [string, string])[] {
  const pairs: [string, string][] = []
  let [key, value, quoted, inValue] = ['', '', false, false]
  for (let at = 0; at < header.length; at += 1) {
    const sign = header[at] ?? ''
    if (quoted && sign === '\\' && (header[at + 1] === '"' || (aware && header[at + 1] === '\\'))) {
      value += header[at + 1]
      at += 1
    } else if (sign === '"' && inValue) quoted = !quoted
    else if (!quoted && sign === ',') throw new Error('another element')
    else if (!quoted && sign === ';') {
      pairs.push([key, value])
      ;[key, value, inValue] = ['', '', false]
    } else if (!quoted && sign === '=' && !inValue) inValue = true
    else if (inValue) value += sign
    else key += sign
  }
  if (quoted) throw new Error('no closing quote')
  return [...pairs, [key, value]]
}

const LINE_1 = 'ab%2B%2F'.repeat(16)

test('everything at once, as Envoy writes it', () => {
  expect(writeXfcc(CERTIFICATE, 'urn:meridian:edge')).toBe(
    [
      'By=urn:meridian:edge',
      'Hash=468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688',
      `Cert="-----BEGIN%20CERTIFICATE-----%0A${LINE_1}%0Aab%2B%2Fab%3D%3D%0A-----END%20CERTIFICATE-----%0A"`,
      `Chain="-----BEGIN%20CERTIFICATE-----%0A${LINE_1}%0Aab%2B%2Fab%3D%3D%0A-----END%20CERTIFICATE-----%0A"`,
      'Subject="CN=Test Client,OU=Lyft,O=San Francisco\\, Inc."',
      'URI=spiffe://cluster.local/ns/a/sa/x',
      'DNS=lyft.com',
      'DNS=www.lyft.com',
    ].join(';'),
  )
})

test('the chain begins with the leaf', () => {
  const [, , [, leaf = ''] = [], [, chain = ''] = []] = readXfcc(writeXfcc({ ...CERTIFICATE, chain: ['AAAA', 'BBBB'] }, 'urn:a'), true)
  expect(chain).toBe(`${leaf}${['AAAA', 'BBBB'].map((der) => leaf.replace(/(?<=0A)ab.*?(?=%0A--)/, der)).join('')}`)
})

describe('a certificate cannot say more than it is', () => {
  const keysOf = (header: string, aware: boolean) => readXfcc(header, aware).map(([key]) => key)
  const SIGNS = [...'";,=\\ a:/%&?#@é\n\r\t\0€']
  const KEYS = ['By', 'Hash', 'Cert', 'Chain', 'Subject', 'URI', 'DNS']

  test.each([
    ['a quote that ends the subject', { subject: 'CN=x\\";URI=spiffe://evil' }],
    ['a quote that nobody escaped', { subject: 'CN=x";URI=spiffe://evil;DNS="' }],
    ['a backslash at its end', { subject: 'CN=x\\\\' }],
    ['a lone backslash at its end', { subject: 'CN=x\\' }],
    ['a backslash before a quote', { subject: 'CN=x\\\\\\"' }],
    ['another element', { uris: ['https://a/?b,By=spiffe://evil'] }],
    ['another pair', { dns: ['a;URI=spiffe://evil'] }],
    ['a line', { subject: 'CN=x\r\nx-user: root', uris: ['a:\r\nx-user:root'], dns: ['a\r\nb'] }],
    ['quotes in a URI', { uris: ['a:";URI=spiffe://evil;DNS="'] }],
  ])('%s', (_what, said) => {
    const header = writeXfcc({ ...CERTIFICATE, uris: [], dns: [], ...said }, 'urn:a')
    expect(header).toMatch(/^[\x20-\x7e]*$/)
    for (const aware of [true, false]) expect(new Set(keysOf(header, aware)).size).toBe(keysOf(header, aware).length)
  })

  test(`whatever it holds, two readers find the same keys and values, seed ${SEED}`, () => {
    const roll = dice(SEED)
    const text = () => Array.from({ length: Math.floor(roll() * 12) }, () => SIGNS[Math.floor(roll() * SIGNS.length)]).join('')
    for (let round = 0; round < 3000; round += 1) {
      const header = writeXfcc({ ...CERTIFICATE, subject: text(), uris: [text()], dns: [text()] }, 'urn:a')
      expect(header).toMatch(/^[\x20-\x7e]*$/)
      for (const aware of [true, false]) expect(keysOf(header, aware), header).toEqual(KEYS)
      expect(readXfcc(header, true)).toEqual(readXfcc(header, false))
    }
  })
})

describe('RFC 9440', () => {
  test('the leaf, and the chain without it', () => {
    expect(writeClientCert(CERTIFICATE)).toEqual([['client-cert', `:${CERTIFICATE.leaf}:`]])
    expect(writeClientCert({ ...CERTIFICATE, chain: ['AAAA', 'BBBB'] })).toEqual([
      ['client-cert', `:${CERTIFICATE.leaf}:`],
      ['client-cert-chain', ':AAAA:, :BBBB:'],
    ])
  })

  interface Vector {
    readonly name: string
    readonly raw: readonly string[]
    readonly canonical?: readonly string[]
    readonly must_fail?: boolean
  }
  // The vectors of the HTTP working group lie beside the project, where they lie at all.
  const file = join(findCorpus() ?? '.', 'security/structured-fields/binary.json')
  const vectors: readonly Vector[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
  test.skipIf(vectors.length === 0)('what canonical vectors hold is written as they say', () => {
    let held = 0
    for (const { name, raw, canonical = raw, must_fail = false } of vectors) {
      const [, base64] = /^:([A-Za-z0-9+/=]*):$/.exec(raw[0] ?? '') ?? []
      if (must_fail || base64 === undefined) continue
      held += 1
      expect(binaryItem(Buffer.from(base64, 'base64').toString('base64')), name).toBe(canonical[0])
    }
    console.log(`${held} of ${vectors.length} vectors of binary items`)
    expect(held).toBeGreaterThan(3)
  })
})

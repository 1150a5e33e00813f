/** What `trusts` may say: certificates that can be relied on, each where it belongs. What is wrong with one is said with its place, never with its text. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadText } from '../../../cli/load-gateway.ts'
import { certificateReader } from '../../../cli/read-certificates.ts'
import { showPath } from '../../../config/defect.ts'
import { ca, DAY_MS, digitalSignature, keyCertSign, type Made, makeAuthority, makeLeaf, NOW, rsa, usage } from '../../chains.ts'
import { load } from './load-example.ts'

const folder = mkdtempSync(join(tmpdir(), 'meridian-trusts-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SECRET = Buffer.from('a key that nobody may see, and that is as long as real ones are').toString('base64')

interface Authorities {
  readonly root: Made
  readonly next: Made
}
let made: Authorities

beforeAll(async () => {
  const root = await makeAuthority({ name: 'CN=Root, O=Example' })
  const next = await makeAuthority({ name: 'CN=Next' })
  made = { root, next }
  const write = (name: string, ...parts: readonly (Made | string)[]) =>
    writeFileSync(
      join(folder, name),
      parts.map((part) => (typeof part === 'string' ? part : `${part.certificate.toString('pem')}\n`)).join(''),
    )
  write('root.pem', 'The root.\n', root)
  write('next.pem', next)
  write('both.pem', root, next)
  write('twice.pem', root, root)
  write('expired.pem', await makeAuthority({ name: 'CN=Late', until: NOW - DAY_MS }))
  write('soon.pem', await makeAuthority({ name: 'CN=Soon', until: NOW + 20 * DAY_MS }))
  write('future.pem', await makeAuthority({ name: 'CN=Future', from: NOW + DAY_MS }))
  write('leaf.pem', await makeLeaf(root, { name: 'CN=leaf' }))
  write('no-sign.pem', await makeAuthority({ name: 'CN=Idle', extensions: [ca(), usage(digitalSignature)] }))
  write('sha1.pem', await makeAuthority({ name: 'CN=Old', algorithm: rsa(2048, 'SHA-1') }))
  write('short.pem', await makeAuthority({ name: 'CN=Short', algorithm: rsa(1024) }))
  write('key.pem', root, `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----\n`)
  write('cut.pem', root.certificate.toString('pem').slice(0, 200))
  write('garbage.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  write('empty.pem', 'nothing\n')
  write('crossed.pem', await makeAuthority({ name: 'CN=Root, O=Example', keys: root, by: next, extensions: [ca(), usage(keyCertSign)] }))
  write('revoked.txt', '# lost\n00:0A:1B # cart\n\n')
  write('bad.txt', '0a\nwhat?\n')
})

const text = (trusts: string): string => `
pools: { shop: { endpoints: { a: { url: https://a.example.com, cloud: aws, region: us-east-1 }, b: { url: https://b.example.com, cloud: aws, region: eu-west-1 } } } }
trusts: ${trusts}
admission: [{ hosts: [shop.example.com], certificates: [partners] }]
routes: [{ hosts: [shop.example.com], pool: shop }]
`
const loaded = (trusts: string) => loadText(text(trusts), 'f', { local: false, now: NOW, certificates: certificateReader(folder) })

function said(trusts: string): readonly string[] {
  const result = loaded(trusts)
  return result.ok ? [] : result.defects.map(({ path, expected, found }) => `${showPath(path)}: ${expected}, found ${found}`)
}

const bundle = (...entries: readonly string[]) => `{ partners: { verify: bundle, authorities: [${entries.join(', ')}] } }`

describe('certificates of authorities', () => {
  test('several in one entry, with the trust domains that they vouch for, and when they expire', () => {
    const result = loaded(bundle('{ file: both.pem, trustDomains: [example.org] }'))
    if (!result.ok) throw new Error(JSON.stringify(result.defects))
    const until = (one: Made) => one.certificate.notAfter.getTime()
    const certificate = ({ certificate: held }: Made) => Buffer.from(held.rawData).toString('base64')
    expect(result.base.admission?.trusts[0]?.verify).toEqual({
      kind: 'bundle',
      authorities: [
        { certificate: certificate(made.root), name: 'O=Example, CN=Root', notAfter: until(made.root), trustDomains: ['example.org'] },
        { certificate: certificate(made.next), name: 'CN=Next', notAfter: until(made.next), trustDomains: ['example.org'] },
      ],
    })
    expect(result.notes).toEqual([])
  })

  test('inline', () => {
    const pem = JSON.stringify(made.root.certificate.toString('pem'))
    expect(said(bundle(`{ pem: ${pem} }`))).toEqual([])
  })

  test.each([
    ['expired.pem', 'found CN=Late, which expired on 2026-11-25'],
    ['leaf.pem', 'found CN=leaf, which is no authority (no CA flag)'],
    ['no-sign.pem', 'found CN=Idle, which may not sign certificates (no keyCertSign)'],
    ['sha1.pem', 'found CN=Old, which is signed with RSA with SHA-1'],
    ['short.pem', 'found CN=Short, which has an RSA key of 1024 bits'],
    ['key.pem', 'expected no private key'],
    ['cut.pem', 'found one that does not end'],
    ['garbage.pem', 'found certificate 1 of 1, which is malformed'],
    ['empty.pem', 'found none'],
    ['absent.pem', 'a file that can be read (ENOENT)'],
    ['twice.pem', 'each authority once in a trust'],
  ])('%s: %s', (file, problem) => {
    const defects = said(bundle(`{ file: ${file} }`))
    expect(defects).toHaveLength(1)
    expect(defects[0]).toMatch(/^trusts\.partners\.authorities\[0\]\.file: /)
    expect(defects[0]).toContain(problem.replace('expected ', ''))
  })

  test('a key is never shown', () => {
    const inline = JSON.stringify(`-----BEGIN EC PRIVATE KEY-----\n${SECRET}\n-----END EC PRIVATE KEY-----\n`)
    const defects = [...said(bundle('{ file: key.pem }')), ...said(bundle(`{ pem: ${inline} }`))]
    expect(defects).toHaveLength(2)
    for (const defect of defects) expect(defect).not.toContain(SECRET.slice(0, 12))
  })

  test('what ends within 30 days, or begins later, is noted', () => {
    const notes = loaded(bundle('{ file: soon.pem }', '{ file: future.pem }')).notes.map(
      ({ path, text: note }) => `${showPath(path)}: ${note}`,
    )
    expect(notes).toEqual([
      'trusts.partners.authorities[0].file: CN=Soon expires on 2026-12-16: name its successor beside it',
      'trusts.partners.authorities[1].file: CN=Future is not in force before 2026-11-27',
    ])
  })

  test('all defects at once', () => {
    const all = bundle('{ file: expired.pem }', '{ file: leaf.pem }', '{}', '{ file: root.pem, pem: x }')
    expect(said(all).map((defect) => defect.replace(/:.*/, ''))).toEqual([
      'trusts.partners.authorities[0].file',
      'trusts.partners.authorities[1].file',
      'trusts.partners.authorities[2]',
      'trusts.partners.authorities[3]',
    ])
  })
})

describe('a trust domain', () => {
  const DOMAIN = 'trustDomains: [example.org]'
  test('of two unrelated authorities is refused, in one trust and in two', () => {
    const problem = 'each trust domain of one authority (O=Example, CN=Root has it)'
    expect(said(bundle(`{ file: root.pem, ${DOMAIN} }`, `{ file: next.pem, ${DOMAIN} }`))).toEqual([
      `trusts.partners.authorities[1].trustDomains[0]: ${problem}, found "example.org"`,
    ])
    const two = `{ partners: { verify: bundle, authorities: [{ file: root.pem, ${DOMAIN} }] }, others: { verify: bundle, authorities: [{ file: next.pem, ${DOMAIN} }] } }`
    expect(said(two)).toEqual([`trusts.others.authorities[0].trustDomains[0]: ${problem}, found "example.org"`])
  })

  test('of an authority of the zone and one of one’s own is refused, and of two issuers of the zone', () => {
    const problem = 'each trust domain of one authority (the issuers of staff has it)'
    const staff = `staff: { verify: cloudflare, issuers: [abcd1234], ${DOMAIN} }`
    const own = `partners: { verify: bundle, authorities: [{ file: root.pem, ${DOMAIN} }] }`
    expect(said(`{ ${staff}, ${own} }`)).toEqual([`trusts.partners.authorities[0].trustDomains[0]: ${problem}, found "example.org"`])
    expect(said(`{ ${own}, ${staff} }`)).toEqual([
      'trusts.staff.trustDomains[0]: each trust domain of one authority (O=Example, CN=Root has it), found "example.org"',
    ])
    const other = `partners: { verify: cloudflare, issuers: [abcd9999], ${DOMAIN} }`
    expect(said(`{ ${staff}, ${other} }`)).toEqual([`trusts.partners.trustDomains[0]: ${problem}, found "example.org"`])
    expect(said(`{ ${staff}, ${other.replace('abcd9999', 'abcd9999, abcd1234')} }`)).toEqual([])
  })

  test('of one key in two certificates is not', () => {
    expect(said(bundle(`{ file: root.pem, ${DOMAIN} }`, `{ file: crossed.pem, ${DOMAIN} }`))).toEqual([])
  })
})

describe('a condition on a SPIFFE id', () => {
  const asks = (id: string, of: 'host' | 'route'): readonly string[] => {
    const rules = `{ authorization: { rules: [{ effect: allow, certificate: { spiffe: ["${id}"] } }] } }`
    const trusts = bundle('{ file: root.pem, trustDomains: [example.org] }')
    const whole =
      of === 'host'
        ? text(trusts).replace('certificates: [partners] }', `certificates: [partners], ${rules.slice(1, -1)} }`)
        : text(trusts).replace('pool: shop }', `pool: shop, admission: ${rules} }`)
    const result = loadText(whole, 'f', { local: false, now: NOW, certificates: certificateReader(folder) })
    return result.ok ? [] : result.defects.map(({ path, expected }) => `${showPath(path)}: ${expected}`)
  }
  test('a route chosen by one too', () => {
    const trusts = bundle('{ file: root.pem, trustDomains: [example.org] }')
    const whole = text(trusts).replace('pool: shop }', 'pool: shop, certificate: { spiffe: ["spiffe://example.net/a"] } }')
    const result = loadText(whole, 'f', { local: false, now: NOW, certificates: certificateReader(folder) })
    expect(result.ok ? [] : result.defects.map(({ path }) => showPath(path))).toContain('routes[0].certificate.spiffe[0]')
  })
  test.each(['host', 'route'] as const)('of a %s names a trust domain that somebody vouches for', (of) => {
    expect(asks('spiffe://example.org/ns/*', of)).toEqual([])
    expect(asks('spiffe://example.net/ns/*', of)).toEqual([
      expect.stringMatching(/rules\[0\]\.certificate\.spiffe\[0\]: a trust domain that a trust of its hosts vouches for: example\.org$/),
    ])
  })
})

describe('a condition on a DNS name', () => {
  const asks = (condition: string, { certificates = 'partners, others', effect = 'allow', of = 'host' } = {}): readonly string[] => {
    const rules = `authorization: { rules: [{ effect: ${effect}, certificate: ${condition} }, { effect: allow, methods: [GET] }] }`
    const trusts =
      '{ partners: { verify: cloudflare }, others: { verify: bundle, authorities: [{ file: root.pem }] }, more: { verify: cloudflare } }'
    const taken = text(trusts).replace('certificates: [partners]', `certificates: [${certificates}]${of === 'host' ? `, ${rules}` : ''}`)
    const whole =
      of === 'host'
        ? taken
        : taken.replace(
            'pool: shop }',
            of === 'match' ? `pool: shop, certificate: ${condition} }` : `pool: shop, admission: { ${rules} } }`,
          )
    const result = loadText(whole, 'f', { local: false, now: NOW, certificates: certificateReader(folder) })
    return result.ok ? [] : result.defects.map(({ code, path, expected }) => `${code} ${showPath(path)}: ${expected}`)
  }
  const DNS = '{ dns: [api.a.example] }'

  test.each([
    ['host', 'admission[0].authorization.rules[0].certificate.dns'],
    ['route', 'routes[0].admission.authorization.rules[0].certificate.dns'],
    ['match', 'routes[0].certificate.dns'],
  ])('of a %s says whose it is where several trusts may issue it', (of, path) => {
    const problem = 'a field "trust" beside it, because each of these trusts may issue any name: partners, others'
    expect(asks(DNS, { of })).toEqual([`TRUST_UNSAID ${path}: ${problem}`])
    expect(asks('{ trust: partners, dns: [api.a.example] }', { of })).toEqual([])
    expect(asks(DNS, { of, certificates: 'partners' })).toEqual([])
  })

  test('is bound by what else it asks for, and lets nobody in by a deny', () => {
    const fingerprint = '5e'.repeat(32)
    expect(asks(`{ dns: [api.a.example], fingerprints: ["${fingerprint}"] }`)).toEqual([])
    expect(asks(DNS, { effect: 'deny' })).toEqual([])
  })

  test('names a trust that counts there', () => {
    const at = 'admission[0].authorization.rules[0].certificate.trust'
    expect(asks('{ trust: more }')).toEqual([`PROOF_MISSING ${at}: one of the trusts that count here: partners, others`])
    expect(asks('{ trust: nobody }')).toEqual([`TRUST_UNKNOWN ${at}: one of the trusts that count here: partners, others`])
  })
})

describe('what is revoked', () => {
  test('comes from the list and from the file, each once, as a certificate says it', () => {
    const result = loaded('{ partners: { verify: cloudflare, revoked: ["0A:1b", "FF"], revokedFile: revoked.txt } }')
    expect(result.ok && result.base.admission?.trusts[0]?.revoked).toEqual(['a1b', 'ff'])
  })
  test('a line that is none is named', () => {
    const defects = said('{ partners: { verify: cloudflare, revokedFile: bad.txt } }')
    expect(defects).toEqual([expect.stringContaining('in line 2 of the file')])
  })
})

test.each([
  ['{ partners: { verify: bundle } }', 'trusts.partners.authorities: at least one authority'],
  ['{ partners: { verify: bundle, authorities: [] } }', 'trusts.partners.authorities: at least one authority'],
  ['{ partners: { verify: cloudflare, authorities: [{ file: root.pem }] } }', 'no field "authorities" with "verify: cloudflare"'],
  ['{ partners: { verify: bundle, issuers: [abcd1234], authorities: [{ file: root.pem }] } }', 'no field "issuers" with "verify: bundle"'],
  ['{ partners: { verify: cloudflare, trustDomains: [example.org] } }', 'a field "issuers" beside it'],
  ['{ partners: { verify: cloudflare, issuers: [xyz] } }', 'a subject key identifier'],
  ['{ partners: { verify: cloudflare, issuers: [] } }', 'at least one issuer'],
  ['{ partners: { verify: cloudflare, revoked: [xyz] } }', 'a serial number'],
  ['{ partners: { verify: cloudflare, issuers: [abcd1234], trustDomains: ["spiffe://example.org/a"] } }', 'a SPIFFE trust domain'],
])('%s: %s', (trusts, problem) => {
  const defects = said(trusts)
  expect(defects).toHaveLength(1)
  expect(defects[0]).toContain(problem)
})

test('the example: a file with a successor, a text, an issuer of the zone, and what is revoked', () => {
  const [partners, staff] = load('config/examples/client-certificates.yaml').admission?.trusts ?? []
  expect(partners?.verify).toMatchObject({
    kind: 'bundle',
    authorities: [{}, {}, { name: 'O=Example, CN=Fleet Root', trustDomains: ['fleet.example'] }],
  })
  expect(partners?.revoked).toHaveLength(2)
  expect(staff).toMatchObject({ verify: { kind: 'cloudflare', trustDomains: ['staff.example'] }, revoked: ['a1b2c'] })
})

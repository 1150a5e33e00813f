/** Path validation against a bundle: every kind of broken chain is refused, for a reason of its own that operators are told. */
import { beforeAll, describe, expect, test } from 'vitest'
import {
  ca,
  clientAuth,
  DAY_MS,
  digitalSignature,
  extended,
  keyCertSign,
  keyEncipherment,
  type Made,
  make,
  makeAuthority,
  makeLeaf,
  NOW,
  nameConstraints,
  names,
  type Parts,
  rsa,
  serverAuth,
  unknownExtension,
  usage,
} from '../../chains.ts'
import { type Given, judgedBy } from './finder.ts'

let root: Made
let issuing: Made

beforeAll(async () => {
  root = await makeAuthority({ name: 'CN=Root' })
  issuing = await makeAuthority({ name: 'CN=Issuing', by: root })
})

const judged = (given: Given) => judgedBy(root, given)
const issuer = (parts: Parts, by = root): Promise<Made> => makeAuthority({ name: 'CN=Issuing', by, ...parts })
const spiffe = (id: string) => names({ type: 'url', value: id })

/** Each with what the operator is told. */
const BROKEN: readonly (readonly [what: string, reason: string, given: () => Promise<Given>])[] = [
  ['a self-signed stranger', 'no path leads from it', async () => ({ leaf: await makeLeaf(await makeAuthority({ name: 'CN=me' })) })],
  [
    'one that signs itself',
    'no path leads from it',
    async () => ({ leaf: await make({ name: 'CN=self', extensions: [extended(clientAuth)] }) }),
  ],
  [
    'an authority that only bears the name of one',
    'a signature of its path',
    async () => {
      const fake = await makeAuthority({ name: 'CN=Root' })
      return { leaf: await makeLeaf(fake), chain: [fake] }
    },
  ],
  ['a chain that lacks its middle', 'no path leads from it', async () => ({ leaf: await makeLeaf(issuing) })],
  [
    'through a leaf',
    'the authority 1 above it is no authority',
    async () => {
      const thief = await makeLeaf(issuing, { name: 'CN=thief' })
      return { leaf: await makeLeaf(thief), chain: [thief, issuing] }
    },
  ],
  [
    'through an authority without keyCertSign',
    'no keyCertSign',
    async () => {
      const weak = await issuer({ extensions: [ca(), usage(digitalSignature)] })
      return { leaf: await makeLeaf(weak), chain: [weak] }
    },
  ],
  [
    'a trusted authority without keyCertSign',
    'the trusted authority may not sign',
    async () => {
      const weak = await makeAuthority({ name: 'CN=Weak Root', extensions: [ca(), usage(digitalSignature)] })
      return { leaf: await makeLeaf(weak), roots: [weak] }
    },
  ],
  ['an authority as a client', 'is an authority, not a client', async () => ({ leaf: issuing })],
  [
    'a leaf with keyCertSign',
    'is an authority, not a client',
    async () => ({ leaf: await makeLeaf(root, { extensions: [usage(keyCertSign | digitalSignature)] }) }),
  ],
  ['a leaf for servers', 'is not for clients', async () => ({ leaf: await makeLeaf(root, { extensions: [extended(serverAuth)] }) })],
  [
    'a leaf that may not sign',
    'may not be used for signatures',
    async () => ({ leaf: await makeLeaf(root, { extensions: [usage(keyEncipherment), extended(clientAuth)] }) }),
  ],
  [
    'an authority for servers',
    'may not issue for clients',
    async () => {
      const servers = await makeAuthority({ name: 'CN=Servers', by: root }, [extended(serverAuth)])
      return { leaf: await makeLeaf(servers), chain: [servers] }
    },
  ],
  ['an expired leaf', 'the certificate has expired', async () => ({ leaf: await makeLeaf(root, { until: NOW - 1000 }) })],
  ['a leaf that is not valid yet', 'the certificate is not valid yet', async () => ({ leaf: await makeLeaf(root, { from: NOW + 1000 }) })],
  [
    'an expired authority between',
    'the authority 1 above it has expired',
    async () => {
      const late = await issuer({ until: NOW - DAY_MS })
      return { leaf: await makeLeaf(late), chain: [late] }
    },
  ],
  [
    'an expired root',
    'the trusted authority has expired',
    async () => {
      const late = await makeAuthority({ name: 'CN=Late Root', until: NOW - DAY_MS })
      return { leaf: await makeLeaf(late), roots: [late] }
    },
  ],
  [
    'pathLen 0 broken',
    'allows 0 authorities below it, and there are 1',
    async () => {
      const short = await issuer({ name: 'CN=Short', extensions: [ca(0), usage(keyCertSign)] })
      const below = await issuer({ name: 'CN=Below' }, short)
      return { leaf: await makeLeaf(below), chain: [below, short] }
    },
  ],
  [
    'pathLen of the root broken',
    'the trusted authority allows 0',
    async () => {
      const short = await makeAuthority({ name: 'CN=Short Root', extensions: [ca(0), usage(keyCertSign)] })
      const below = await issuer({ name: 'CN=Below' }, short)
      return { leaf: await makeLeaf(below), chain: [below], roots: [short] }
    },
  ],
  [
    'a DNS name that is not permitted',
    'DNS name evil.com that is not permitted',
    async () => {
      const bound = await makeAuthority({ name: 'CN=Bound', by: root }, [nameConstraints([['dns', 'example.com']])])
      return {
        leaf: await makeLeaf(bound, {}, [names({ type: 'dns', value: 'a.example.com' }, { type: 'dns', value: 'evil.com' })]),
        chain: [bound],
      }
    },
  ],
  [
    'a DNS name that is excluded',
    'DNS name a.secret.example.com that is excluded',
    async () => {
      const bound = await makeAuthority({ name: 'CN=Bound', by: root }, [nameConstraints([], [['dns', 'secret.example.com']])])
      return { leaf: await makeLeaf(bound, {}, [names({ type: 'dns', value: 'a.secret.example.com' })]), chain: [bound] }
    },
  ],
  [
    'a wildcard that covers what is excluded',
    'DNS name *.example.com that is excluded',
    async () => {
      const bound = await makeAuthority({ name: 'CN=Bound', by: root }, [nameConstraints([], [['dns', 'secret.example.com']])])
      return { leaf: await makeLeaf(bound, {}, [names({ type: 'dns', value: '*.example.com' })]), chain: [bound] }
    },
  ],
  [
    'a URI that is not permitted',
    'URI spiffe://example.org/a that is not permitted',
    async () => {
      const bound = await makeAuthority({ name: 'CN=Bound', by: root }, [nameConstraints([['uri', 'example.net']])])
      return { leaf: await makeLeaf(bound, {}, [spiffe('spiffe://example.org/a')]), chain: [bound] }
    },
  ],
  [
    'permitted by one authority and not by the other',
    'DNS name a.example.com that is not permitted',
    async () => {
      const wide = await makeAuthority({ name: 'CN=Wide', by: root }, [nameConstraints([['dns', 'example.net']])])
      const own = await makeAuthority({ name: 'CN=Own', by: wide }, [nameConstraints([['dns', 'example.com']])])
      return { leaf: await makeLeaf(own, {}, [names({ type: 'dns', value: 'a.example.com' })]), chain: [own, wide] }
    },
  ],
  [
    'a constraint of the root',
    'constraints of the trusted authority',
    async () => {
      const bound = await makeAuthority({ name: 'CN=Bound Root' }, [nameConstraints([['dns', 'example.com']], [], false)])
      return { leaf: await makeLeaf(bound, {}, [names({ type: 'dns', value: 'evil.com' })]), roots: [bound] }
    },
  ],
  [
    'a subject that is excluded',
    'directory name that is excluded',
    async () => {
      const raw = new Uint8Array((await make({ name: 'O=evil' })).certificate.subjectName.toArrayBuffer())
      const bound = await makeAuthority({ name: 'CN=Bound', by: root }, [nameConstraints([], [['directory', raw]])])
      return { leaf: await makeLeaf(bound, { name: 'O=Evil, CN=a' }), chain: [bound] }
    },
  ],
  [
    'an unknown critical extension of the leaf',
    'the certificate has the critical extension 1.3.6.1.4.1.99999.1',
    async () => ({ leaf: await makeLeaf(root, {}, [unknownExtension(true)]) }),
  ],
  [
    'an unknown critical extension of an authority',
    'the authority 1 above it has the critical extension',
    async () => {
      const odd = await makeAuthority({ name: 'CN=Odd', by: root }, [unknownExtension(true)])
      return { leaf: await makeLeaf(odd), chain: [odd] }
    },
  ],
  [
    'two URI names',
    'it has 2 URI names',
    async () => ({
      leaf: await makeLeaf(root, {}, [
        names({ type: 'url', value: 'spiffe://example.org/a' }, { type: 'url', value: 'https://example.org' }),
      ]),
    }),
  ],
  [
    'a trust domain of somebody else',
    'does not vouch for the trust domain example.net',
    async () => ({ leaf: await makeLeaf(root, {}, [spiffe('spiffe://example.net/a')]) }),
  ],
  [
    'a SPIFFE id with dots',
    'its SPIFFE id is malformed',
    async () => ({ leaf: await makeLeaf(root, {}, [spiffe('spiffe://example.org/a/../b')]) }),
  ],
  [
    'a SPIFFE id in capitals',
    'its SPIFFE id is malformed',
    async () => ({ leaf: await makeLeaf(root, {}, [spiffe('SPIFFE://example.org/a')]) }),
  ],
  [
    'SHA-1',
    'is signed with RSA with SHA-1',
    async () => {
      const old = await makeAuthority({ name: 'CN=SHA-1 Root', algorithm: rsa(2048, 'SHA-1') })
      return { leaf: await makeLeaf(old), roots: [old] }
    },
  ],
  ['a short key', 'has an RSA key of 1024 bits', async () => ({ leaf: await makeLeaf(root, { algorithm: rsa(1024) }) })],
]

describe('broken chains', () => {
  const told = new Map<string, string>()

  test.each(BROKEN)('%s', async (what, reason, given) => {
    const found = await judged(await given())
    if (found.kind !== 'refused') throw new Error(`it came in: ${JSON.stringify(found)}`)
    expect(found.reason).toContain(reason)
    told.set(what, found.reason)
  })

  test('the kinds that matter have a reason of their own', () => {
    const kinds = [
      'through a leaf',
      'a leaf for servers',
      'two URI names',
      'an expired authority between',
      'pathLen 0 broken',
      'a DNS name that is not permitted',
      'an unknown critical extension of the leaf',
      'a trust domain of somebody else',
    ]
    expect(new Set(kinds.map((kind) => told.get(kind))).size).toBe(kinds.length)
    expect([...told.values()]).toHaveLength(BROKEN.length)
  })
})

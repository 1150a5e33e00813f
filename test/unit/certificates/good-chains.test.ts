/** Path validation against a bundle: good chains come in, whatever else was sent along and in whatever order. */
import { beforeAll, describe, expect, test } from 'vitest'
import {
  base64,
  ca,
  DAY_MS,
  digitalSignature,
  fingerprint,
  keyCertSign,
  type Made,
  makeAuthority,
  makeLeaf,
  NOW,
  nameConstraints,
  names,
  P384,
  type Parts,
  rsa,
  unknownExtension,
  usage,
} from '../../chains.ts'
import { type Given, judgedBy } from './finder.ts'

let root: Made
let issuing: Made
let other: Made

beforeAll(async () => {
  root = await makeAuthority({ name: 'CN=Root' })
  issuing = await makeAuthority({ name: 'CN=Issuing', by: root })
  other = await makeAuthority({ name: 'CN=Other Root' })
})

const judged = (given: Given) => judgedBy(root, given)
const issuer = (parts: Parts, by = root): Promise<Made> => makeAuthority({ name: 'CN=Issuing', by, ...parts })
describe('good chains', () => {
  test('through an intermediate, with all that the certificate says', async () => {
    const leaf = await makeLeaf(issuing, { name: 'CN=cart, O=Example' }, [
      names({ type: 'url', value: 'spiffe://example.org/ns/shop/sa/cart' }, { type: 'dns', value: 'Cart.Example.com' }),
    ])
    expect(await judged({ leaf, chain: [issuing] })).toEqual({
      kind: 'verified',
      trust: 'partners',
      fingerprint: fingerprint(leaf),
      subject: 'CN=cart, O=Example',
      spiffe: 'spiffe://example.org/ns/shop/sa/cart',
      dns: ['cart.example.com'],
      uris: ['spiffe://example.org/ns/shop/sa/cart'],
      leaf: base64(leaf),
      chain: [base64(issuing)],
    })
  })

  test.each<[string, () => Promise<Given>]>([
    ['straight from the root', async () => ({ leaf: await makeLeaf(root) })],
    ['with the root sent along', async () => ({ leaf: await makeLeaf(issuing), chain: [issuing, root] })],
    [
      'in the wrong order',
      async () => {
        const deep = await issuer({ name: 'CN=Deep' }, issuing)
        return { leaf: await makeLeaf(deep), chain: [root, issuing, deep] }
      },
    ],
    ['with strangers in between', async () => ({ leaf: await makeLeaf(issuing), chain: [other, await makeLeaf(other), issuing] })],
    [
      'with keys of RSA',
      async () => {
        const big = await makeAuthority({ name: 'CN=RSA Root', algorithm: rsa(2048) })
        const below = await issuer({ name: 'CN=RSA Issuing', algorithm: rsa(2048, 'SHA-512') }, big)
        return { leaf: await makeLeaf(below, { algorithm: rsa(2048) }), chain: [below], roots: [big] }
      },
    ],
    [
      'with keys on P-384',
      async () => {
        const big = await makeAuthority({ name: 'CN=P-384 Root', algorithm: P384 })
        return { leaf: await makeLeaf(big), roots: [big] }
      },
    ],
    ['of a leaf without extended key usage', async () => ({ leaf: await makeLeaf(root, { extensions: [usage(digitalSignature)] }) })],
    [
      'pathLen kept exactly',
      async () => {
        const short = await issuer({ name: 'CN=Short', extensions: [ca(0), usage(keyCertSign)] })
        return { leaf: await makeLeaf(short), chain: [short] }
      },
    ],
    ['with an unknown extension that is not critical', async () => ({ leaf: await makeLeaf(root, {}, [unknownExtension(false)]) })],
    [
      'within name constraints',
      async () => {
        const bound = await makeAuthority({ name: 'CN=Bound', by: root }, [
          nameConstraints(
            [
              ['dns', 'example.com'],
              ['uri', 'example.org'],
            ],
            [['dns', 'secret.example.com']],
          ),
        ])
        const leaf = await makeLeaf(bound, {}, [
          names({ type: 'dns', value: 'a.example.com' }, { type: 'url', value: 'spiffe://example.org/a' }),
        ])
        return { leaf, chain: [bound] }
      },
    ],
    ['on the last day', async () => ({ leaf: await makeLeaf(root, { until: NOW }) })],
  ])('%s', async (_, given) => expect(await judged(await given())).toMatchObject({ kind: 'verified' }))

  test('a rotation: an authority signed by the old root and by the new, each alone enough', async () => {
    const [old, fresh] = [await makeAuthority({ name: 'CN=Old Root' }), await makeAuthority({ name: 'CN=New Root' })]
    const byOld = await issuer({ name: 'CN=Crossed' }, old)
    const byFresh = await issuer({ name: 'CN=Crossed', keys: byOld }, fresh)
    const leaf = await makeLeaf(byOld)
    for (const roots of [[old], [fresh], [old, fresh], [fresh, old]])
      expect(await judged({ leaf, chain: [byOld, byFresh], roots })).toMatchObject({ kind: 'verified' })
    expect(await judged({ leaf, chain: [byOld], roots: [fresh] })).toMatchObject({ kind: 'refused' })
  })

  test('a rotation: when the old root has expired, the new one is enough', async () => {
    const [old, fresh] = [await makeAuthority({ name: 'CN=Old Root', until: NOW - DAY_MS }), await makeAuthority({ name: 'CN=New Root' })]
    const byOld = await issuer({ name: 'CN=Crossed' }, old)
    const byFresh = await issuer({ name: 'CN=Crossed', keys: byOld }, fresh)
    expect(await judged({ leaf: await makeLeaf(byOld), chain: [byOld, byFresh], roots: [old, fresh] })).toMatchObject({ kind: 'verified' })
  })

  test('a new key of a root under its old name', async () => {
    const next = await makeAuthority({ name: 'CN=Root' })
    const leaf = await makeLeaf(next)
    expect(await judged({ leaf, roots: [root, next] })).toMatchObject({ kind: 'verified' })
    expect(await judged({ leaf, roots: [root] })).toMatchObject({ reason: expect.stringContaining('a signature of its path') })
  })
})

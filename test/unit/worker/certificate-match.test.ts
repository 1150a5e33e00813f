/** Which certificates a condition takes: whole names, prefixes by segment, and nothing that only looks like one of them. */
import { expect, test } from 'vitest'
import type { CertificateMatch } from '../../../config/certificate-trust.ts'
import { trustId } from '../../../config/ids.ts'
import { type CertificateNames, certificateHolds } from '../../../worker/policy/certificate-match.ts'

const SHOP: CertificateNames = {
  trust: trustId('partners'),
  spiffe: 'spiffe://example.org/ns/shop/sa/cart',
  dns: ['cart.shop.example.com', 'cart.example.org'],
  fingerprint: 'ab12',
}
const BARE: CertificateNames = { trust: trustId('staff'), dns: [], fingerprint: 'cd34' }

test.each<[CertificateMatch, CertificateNames, boolean]>([
  [{}, BARE, true],
  [{ spiffe: ['spiffe://example.org/ns/shop/sa/cart'] }, SHOP, true],
  [{ spiffe: ['spiffe://example.org/ns/shop/sa/car'] }, SHOP, false],
  [{ spiffe: ['spiffe://example.org/ns/shop/*'] }, SHOP, true],
  [{ spiffe: ['spiffe://example.org/ns/sho/*'] }, SHOP, false],
  [{ spiffe: ['spiffe://example.org/*'] }, SHOP, true],
  [{ spiffe: ['spiffe://example.or/*'] }, SHOP, false],
  [{ spiffe: ['spiffe://example.org/ns/shop/sa/cart/*'] }, SHOP, false],
  [{ spiffe: ['spiffe://example.org/ns/shop/*'] }, { ...SHOP, spiffe: 'spiffe://example.org/ns/shop' }, false],
  [{ spiffe: ['spiffe://example.org/ns/shop/*'] }, { ...SHOP, spiffe: 'spiffe://example.org/ns/shopping/x' }, false],
  [{ spiffe: ['spiffe://example.org/ns/shop'] }, SHOP, false],
  [{ spiffe: ['spiffe://other.org/*', 'spiffe://example.org/ns/shop/*'] }, SHOP, true],
  [{ spiffe: ['spiffe://example.org/*'] }, BARE, false],
  [{ dns: ['cart.example.org'] }, SHOP, true],
  [{ dns: ['*.example.com'] }, SHOP, true],
  [{ dns: ['*.shop.example.com'] }, SHOP, true],
  [{ dns: ['*.cart.example.org'] }, SHOP, false],
  [{ dns: ['example.org'] }, SHOP, false],
  [{ dns: ['*.example.com'] }, { ...BARE, dns: ['badexample.com', 'example.com'] }, false],
  [{ dns: ['*.example.com'] }, BARE, false],
  [{ trust: trustId('partners') }, SHOP, true],
  [{ trust: trustId('partners') }, BARE, false],
  [{ trust: trustId('staff'), dns: ['cart.example.org'] }, SHOP, false],
  [{ trust: trustId('partners'), dns: ['cart.example.org'] }, SHOP, true],
  [{ trust: trustId('partners'), dns: ['cart.example.net'] }, SHOP, false],
  [{ fingerprints: ['ab12'] }, SHOP, true],
  [{ fingerprints: ['ab1', 'b12'] }, SHOP, false],
  [{ fingerprints: ['ab12'], dns: ['cart.example.org'], spiffe: ['spiffe://example.org/*'] }, SHOP, true],
  [{ fingerprints: ['ab12'], dns: ['other.example.org'] }, SHOP, false],
  [{ fingerprints: ['cd34'], dns: ['cart.example.org'] }, SHOP, false],
])('%o of %o: %s', (match, names, holds) => expect(certificateHolds(match, names)).toBe(holds))

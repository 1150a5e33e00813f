/** Which authorities are said to end soon, and where. */
import { expect, test } from 'vitest'
import { instant } from '../../../config/units.ts'
import { statusDocument } from '../../../worker/operator/status.ts'
import { expiringAuthorities } from '../../../worker/policy/expiring-authorities.ts'
import { expiringCertificates } from '../../../worker/policy/expiring-certificates.ts'
import type { Platform } from '../../../worker/ports.ts'
import { DAY_MS, NOW } from '../../chains.ts'
import { trustOf } from './finder.ts'

const authority = (name: string, days: number) => ({ certificate: '', name, notAfter: instant(NOW + days * DAY_MS) })

test('those of bundles that end within 30 days, or have ended, the next first', () => {
  const authorities = [authority('far', 30), authority('near', 29), authority('gone', -1), authority('next', 2)]
  const trusts = [trustOf({ kind: 'cloudflare', issuers: [] }, [], 'zone'), trustOf({ kind: 'bundle', authorities })]
  expect(expiringAuthorities(trusts, instant(NOW)).map(({ trust, name, expiresIn }) => [trust, name, expiresIn / DAY_MS])).toEqual([
    ['partners', 'gone', -1],
    ['partners', 'next', 2],
    ['partners', 'near', 29],
  ])
})

test('certificates of the edge by the word of the configuration, the next first', async () => {
  const certificate = (binding: string, days: number) => ({ binding, notAfter: instant(NOW + days * DAY_MS) })
  const edgeCertificates = [certificate('FAR', 30), certificate('NEAR', 29), certificate('GONE', -1)]
  const expected = [
    { binding: 'GONE', expiresIn: -DAY_MS },
    { binding: 'NEAR', expiresIn: 29 * DAY_MS },
  ]
  expect(expiringCertificates(edgeCertificates, instant(NOW))).toEqual(expected)
  const bindings = { pools: [], problems: async () => [], vantages: [], vantage: () => expect.fail('there is none') }
  const platform = { now: () => instant(NOW) } as Platform
  expect((await statusDocument({ ...bindings, edgeCertificates }, platform)).expiringCertificates).toEqual(expected)
  expect(await statusDocument(bindings, platform)).not.toHaveProperty('expiringCertificates')
})

test('the status document says them', async () => {
  const statusWith = (days: number) => {
    const trusts = [trustOf({ kind: 'bundle', authorities: [authority('root', days)] })]
    const bindings = {
      pools: [],
      problems: async () => [],
      vantages: [],
      vantage: () => expect.fail('there is none'),
      admission: { issuers: [], trusts, hosts: [] },
    }
    return statusDocument(bindings, { now: () => instant(NOW) } as Platform)
  }
  expect((await statusWith(3)).expiring).toEqual([{ trust: 'partners', name: 'root', expiresIn: 3 * DAY_MS }])
  expect(await statusWith(31)).not.toHaveProperty('expiring')
})
